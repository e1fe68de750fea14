import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../..', import.meta.url))
const TSC = join(root, 'node_modules/.bin/tsc')
const TYPES = join(root, 'packages/prior/types/prior-module.d.ts')

/** What a compiler without anything but the language says of a module. */
async function check(file: string): Promise<string> {
  const options = [
    '--noEmit',
    '--ignoreConfig',
    '--strict',
    '--types',
    '',
    '--lib',
    'es2023',
    '--target',
    'es2023',
    '--module',
    'esnext',
  ]
  return run(TSC, [...options, TYPES, file], { cwd: root }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  )
}

test('editors understand a module by the types that come with it', async () => {
  for (const example of ['linear-regression', 'linear-scm'])
    expect(await check(join(root, 'examples/priors', example, 'prior.ts'))).toBe('')
  const folder = await mkdtemp(join(tmpdir(), 'posterior-types-'))
  try {
    const file = join(folder, 'prior.ts')
    await writeFile(
      file,
      `export default definePrior({
  parameters: { n: { type: 'int', range: [2, 5] }, link: { type: 'categorical', choices: ['a', 'b'] } },
  sample(random, p) {
    const wrong: string = p.n
    const fine: string = p.link
    return { X: random.normals(p.n), y: fetch('http://127.0.0.1'), fine: random.nothing() }
  },
})
`,
    )
    const said = await check(file)
    expect(said).toContain("Type 'number' is not assignable to type 'string'")
    expect(said).toContain("Cannot find name 'fetch'")
    expect(said).toContain("Property 'nothing' does not exist on type 'PriorRandom'")
    expect(said.match(/error TS/g)?.length).toBe(3)
  } finally {
    await rm(folder, { recursive: true })
  }
})
