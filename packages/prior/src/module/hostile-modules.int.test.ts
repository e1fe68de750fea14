/** Modules that try to hang, fill, escape or deceive: each is stopped with a message, and the next draw works. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Random } from '@posterior/tabular'
import { afterAll, expect, test } from 'vitest'
import { ModuleError } from './module-error.ts'
import { PriorSandbox, SANDBOX_FLAGS, SandboxLost } from './prior-sandbox.ts'
import type { RawSample } from './sandbox/protocol.ts'

const LIMITS = { cpuMs: 250, wallMs: 3_000 }
const MEMORY = 'it used more than 64 MiB of memory'
const TIME = 'it used more than 0.25 seconds of processor time; is there a loop without an end?'

/** Bodies of sample(), and what is said of them. */
const HOSTILE: Record<string, [body: string, message: string | RegExp]> = {
  'loops forever': ['for (;;);', TIME],
  'catches what would end its loop': ['for (;;) { try { for (;;); } catch {} finally { continue } }', TIME],
  'backtracks in a regular expression': ["/(a+)+$/.test('a'.repeat(40) + 'b')", TIME],
  'loops in a getter of what it returns': ['return { get X() { for (;;); } }', TIME],
  'loops in the message of what it throws': [
    "throw Object.defineProperty(new Error(''), 'message', { get() { for (;;); } })",
    TIME,
  ],
  'loops in a trap of a proxy': ['return new Proxy({}, { ownKeys() { for (;;); } })', TIME],
  'fills the memory with arrays': ['const a = []; for (;;) a.push(new Array(1000).fill(1))', MEMORY],
  'fills the memory with text': ["const a = []; for (;;) a.push('x'.repeat(1 << 20) + a.length)", MEMORY],
  'fills the memory with typed arrays': ['const a = []; for (;;) a.push(new Float64Array(1e6))', MEMORY],
  'asks for one array larger than the memory': ['new Float64Array(3e8)', /invalid array buffer length/],
  'asks for a text longer than there can be': [
    "let s = 'x'; for (;;) s += s",
    /string too long|out of memory|64 MiB/,
  ],
  'calls itself without end': ['const f = () => f() + 1; f()', /call stack size exceeded/],
  'nests without end': [
    'let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return { X: a }',
    /more than 3 dimensions/,
  ],
  'returns a number that is none': [
    "return { X: [[1], ['2']] }",
    'X[1][0] is the text "2"; a number was expected',
  ],
  'returns ragged rows': [
    'return { X: [[1, 2], [3]] }',
    'X[1] has 1 values where its neighbours have 2: all rows must be of one length',
  ],
  'returns too much': [
    'return { X: new Float64Array(1_000_001) }',
    'the outputs up to "X" have 1000001 numbers; at most 1000000 are possible',
  ],
  'returns too many outputs': [
    'return Object.fromEntries(Array.from({ length: 40 }, (_, i) => ["x" + i, 1]))',
    'sample() returned 40 outputs; at most 32 are possible',
  ],
  'returns nothing': ['', /must return an object such as \{ X, y \}, it returned undefined/],
  'returns a promise': ['return Promise.resolve({})', /returned a promise; a sample is drawn at once/],
  'returns names that are no names': ['return { "a b": 1 }', /names of outputs must be words/],
  'lies about the layout of its numbers': [
    'const { stringify } = JSON; Array.prototype.map = () => [["X", [1e9]]]; return { X: [1] }',
    /names of outputs must be words such as X, and arrays must stay arrays/,
  ],
  'lies about lengths': [
    'return { X: { __proto__: Array.prototype, length: 1e9 } }',
    /X is an object; a number/,
  ],
  'throws what is no error': ['throw { toString() { throw 1 } }', 'it threw an object'],
  'asks for endless random numbers': [
    'random.normals(Infinity)',
    /whole number from 0 to 1000000, got Infinity/,
  ],
  'asks for a gamma without end': ['random.gamma(Infinity)', /needs a positive shape, got Infinity/],
  'asks for a matrix without end': [
    'linalg.cholesky(new Float64Array(4e6), 2000)',
    /1 to 1000 rows, got 2000/,
  ],
  'reads a file': [
    "require('node:fs').readFileSync('/etc/passwd')",
    /require is not defined \(a prior has no files/,
  ],
  'reads the environment': [
    'process.env.HOME',
    /process is not defined \(a prior sees nothing of the machine/,
  ],
  'opens a connection': ["fetch('http://127.0.0.1')", /fetch is not defined \(a prior has no network\)/],
  'opens a socket': [
    "new WebSocket('ws://127.0.0.1')",
    /WebSocket is not defined \(a prior has no network\)/,
  ],
  'looks at the clock': ['Date.now()', /Date is not defined \(a prior has no clock/],
  'sets a timer': ['setTimeout(() => {}, 1)', /setTimeout is not defined \(a prior has no timers/],
  'draws without a seed': [
    "Math['random']()",
    'the random() of Math has no seed; draw from the `random` that sample() is given',
  ],
  'blocks on shared memory': [
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    /cannot block|not defined|not supported|TypeError/,
  ],
}

const FINE = 'return { X: random.uniforms(3), y: 1 }'
const code = `export default { sample(random, { which }) {
  switch (which) {
    ${[...Object.entries(HOSTILE).map(([name, [body]]) => [name, body]), ['is fine', FINE]]
      .map(([name, body]) => `case ${JSON.stringify(name)}: { ${body} ; return }`)
      .join('\n    ')}
  }
} }`
const sandbox = new PriorSandbox({ file: 'prior.js', code }, LIMITS)
afterAll(() => sandbox.close())

async function draw(which: string, from = sandbox): Promise<RawSample> {
  const drawn = await from.draw([{ parameters: JSON.stringify({ which }), random: Random.fromSeed(1).state }])
  if (!Array.isArray(drawn)) throw drawn.error
  return drawn[0]!
}

const sandboxOf = (source: string, file = 'prior.js') => new PriorSandbox({ file, code: source }, LIMITS)

async function failureOf(source: string, file?: string): Promise<ModuleError> {
  const broken = sandboxOf(source, file)
  try {
    const error = await broken.declaration().then(
      () => draw('', broken),
      (reason) => reason,
    )
    expect(error).toBeInstanceOf(ModuleError)
    return error as ModuleError
  } finally {
    broken.close()
  }
}

test.each(Object.keys(HOSTILE))('a module that %s is stopped, and draws on', async (which) => {
  const before = await draw('is fine')
  const error = (await draw(which).catch((reason: unknown) => reason)) as ModuleError
  expect(error).toBeInstanceOf(ModuleError)
  const [, message] = HOSTILE[which]!
  if (typeof message === 'string') expect(error.reason).toBe(message)
  else expect(error.reason).toMatch(message)
  // The same memory, the same generator: nothing is left of it.
  expect(await draw('is fine')).toEqual(before)
})

test('a module in an operation that looks at no clock is stopped, and draws on in a new process', async () => {
  const stuck = sandboxOf(`export default { sample(random, { which }) {
    if (which === 'stuck') new Array(4e9).join('x')
    ${FINE}
  } }`)
  try {
    const before = await draw('', stuck)
    const error = (await draw('stuck', stuck).catch((reason: unknown) => reason)) as ModuleError
    expect(error.reason).toBe('it did not end within 3 seconds')
    expect(await draw('', stuck)).toEqual(before)
  } finally {
    stuck.close()
  }
})

test('what a module remembers and changes is gone before the next sample', async () => {
  const forgetful = sandboxOf(`let count = 0
  export default { sample() {
    count += 1
    Object.prototype.polluted = (Object.prototype.polluted ?? 0) + 1
    Array.prototype.pop = () => 0
    globalThis.kept = (globalThis.kept ?? 0) + 1
    return { count, polluted: ({}).polluted, kept: globalThis.kept, popped: [1].pop() }
  } }`)
  try {
    const first = await draw('', forgetful)
    expect([...first.values['count']!.data, ...first.values['polluted']!.data]).toEqual([1, 1])
    expect(await draw('', forgetful)).toEqual(first)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  } finally {
    forgetful.close()
  }
})

test('functions made from text find nothing of the host', async () => {
  const names = `(() => {}).constructor('return Object.getOwnPropertyNames(globalThis)')()`
  const curious = sandboxOf(`export default { sample(random) {
    const own = ${names}
    const reached = random.uniform.constructor('return typeof process + typeof require + typeof posteriorHost')()
    console.log(own.join(' '))
    console.log(reached)
    return { X: [1] }
  } }`)
  try {
    const { logs } = await draw('', curious)
    const own = logs[0]!.replace('...', '').split(' ')
    for (const name of [
      'process',
      'require',
      'fetch',
      'setTimeout',
      'Date',
      'performance',
      'posteriorHost',
      'WebAssembly',
    ])
      expect(own).not.toContain(name)
    expect(logs[1]).toBe('undefinedundefinedundefined')
  } finally {
    curious.close()
  }
})

test('a flood of lines is cut, and goes nowhere but into the answer', async () => {
  const chatty = sandboxOf(`export default { sample() {
    for (let i = 0; i < 1e3; i++) console.log('line ' + i, { i }, 'x'.repeat(1e3))
    return { X: [1] }
  } }`)
  try {
    const { logs } = await draw('', chatty)
    expect(logs.length).toBe(50)
    expect(logs[0]).toMatch(/^line 0 \{"i":0\} x+\.\.\.$/)
    expect(Math.max(...logs.map((line) => line.length))).toBeLessThan(600)
  } finally {
    chatty.close()
  }
})

test('what goes wrong while a module loads is told with its place', async () => {
  const places: [source: string, file: string, line: number | undefined, message: RegExp][] = [
    [
      "import fs from 'node:fs'\nexport default {}",
      'prior.ts',
      1,
      /there is no module "node:fs" here: a prior is one file/,
    ],
    ["const x = 1\nawait import('node:net')", 'prior.ts', 2, /there is no module "node:net" here/],
    ['const x: number = 1\nconst y: = 2', 'prior.ts', 2, /^SyntaxError: /],
    ['enum Colour { Red }', 'prior.ts', 1, /enum is not supported/],
    ['const x = 1\n  const y = = 2', 'prior.js', 2, /^SyntaxError: /],
    ['const x = 1\n\n  nothing.at.all', 'prior.mjs', 3, /^ReferenceError: nothing is not defined$/],
    ['const f = () => Promise.resolve().then(f)\nf()', 'prior.js', undefined, /processor time/],
    ['await new Promise(() => {})', 'prior.js', undefined, /awaits something that never happens/],
    ['export const other = 1', 'prior.js', undefined, /the module exports no prior/],
    ['export default { name: "x" }', 'prior.js', undefined, /has no sample function/],
    ['export default { sample() {}, name: "x".repeat(1e5) }', 'prior.js', undefined, /at most 65536/],
    ['print("hello")', 'prior.py', undefined, /this is Python; priors that run here are TypeScript/],
    [`// ${'x'.repeat(262_144)}`, 'prior.js', undefined, /at most 262144 are possible/],
  ]
  for (const [source, file, line, message] of places) {
    const { details, reason } = await failureOf(source, file)
    expect([source.slice(0, 60), reason]).toEqual([source.slice(0, 60), expect.stringMatching(message)])
    if (line !== undefined)
      expect([source, details.line, details.excerpt?.split('\n')[0]]).toEqual([
        source,
        line,
        `${line} | ${source.split('\n')[line - 1]}`,
      ])
  }
})

test('an error in sample() names line and column of the source as it was written, types and all', async () => {
  const source = `interface Point { readonly x: number }
export default {
  sample(random: { uniform(): number }, parameters: { which: string }) {
    const points: Point[] = [{ x: random.uniform() } as Point]
    return { X: points.map((point: Point): number => point.x.y.z) }
  },
}`
  const broken = sandboxOf(source, 'my-prior.ts')
  try {
    const error = (await draw('', broken).catch((reason: unknown) => reason)) as ModuleError
    expect(error.message).toBe(
      `my-prior.ts:5:54: TypeError: cannot read property 'z' of undefined
5 |     return { X: points.map((point: Point): number => point.x.y.z) }
                                                         ^`,
    )
  } finally {
    broken.close()
  }
})

test('what breaks out of the engine finds a process that may read its own program and nothing else', async () => {
  const attempts = {
    read: "fs.readFileSync('/etc/passwd')",
    list: "fs.readdirSync('/')",
    write: "fs.writeFileSync('/tmp/posterior-escaped', '')",
    start: "require('node:child_process').spawnSync('id')",
    thread: "new (require('node:worker_threads').Worker)('1', { eval: true })",
    compile: "new Function('return 1')()",
  }
  const probe = `const fs = require('node:fs'); const said = { environment: Object.keys(process.env).length }
    ${Object.entries(attempts)
      .map(
        ([name, code]) =>
          `try { ${code}; said.${name} = 'done' } catch (e) { said.${name} = e.code ?? e.name }`,
      )
      .join('\n')}
    console.log(JSON.stringify(said))`
  const { stdout } = await promisify(execFile)(process.execPath, [...SANDBOX_FLAGS, '-e', probe], { env: {} })
  const denied = 'ERR_ACCESS_DENIED'
  expect(JSON.parse(stdout)).toEqual({
    ...{ environment: 0, read: denied, list: denied, write: denied, start: denied, thread: denied },
    compile: 'EvalError',
  })
})

test('a sandbox that is closed draws no more', async () => {
  const closed = sandboxOf('export default { sample() { return { X: 1 } } }')
  closed.close()
  await expect(closed.declaration()).rejects.toBeInstanceOf(SandboxLost)
})
