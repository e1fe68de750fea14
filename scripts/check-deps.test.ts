import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkTree, formatViolation } from './check-deps.ts'
import { readImports } from './read-imports.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posterior-deps-'))
  write('package.json', { name: 'root', devDependencies: { vitest: '1.0.0' } })
  manifest('graph')
  manifest('tabular', ['@duckdb/node-api'])
  manifest('model', ['@posterior/graph'])
  manifest('server', ['@posterior/contracts', 'fastify'])
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

function manifest(name: string, dependencies: string[] = []): void {
  const listed = Object.fromEntries(dependencies.map((dependency) => [dependency, '0.1.0']))
  write(`packages/${name}/package.json`, { name: `@posterior/${name}`, dependencies: listed })
}

function violationsOf(path: string, source: string): string[] {
  write(path, source)
  return checkTree(root).map(formatViolation)
}

test('a tree that keeps the rules has no violations', () => {
  write('packages/graph/src/index.ts', "export { build } from './build.ts'\n")
  write('packages/graph/src/build.test.ts', "import { test } from 'vitest'\n")
  write('packages/tabular/src/formats/read.ts', "import { DuckDBInstance } from '@duckdb/node-api'\n")
  expect(violationsOf('packages/model/src/index.ts', "import { build } from '@posterior/graph'\n")).toEqual(
    [],
  )
})

test('importing a package that stands below is refused', () => {
  expect(violationsOf('packages/graph/src/a.ts', "import { x } from '@posterior/model'\n")).toEqual([
    'packages/graph/src/a.ts -> @posterior/model not allowed by rule: graph may import no other package',
  ])
})

test('a package.json may not list a package that stands below', () => {
  manifest('graph', ['@posterior/model'])
  expect(checkTree(root)).toHaveLength(1)
})

test('an allowed package must also be listed in package.json', () => {
  manifest('model')
  expect(violationsOf('packages/model/src/a.ts', "import type { G } from '@posterior/graph'\n")).toEqual([
    'packages/model/src/a.ts -> @posterior/graph not allowed by rule: packages/model/package.json does not list @posterior/graph',
  ])
})

test('development tools are for tests alone', () => {
  expect(violationsOf('packages/model/src/a.ts', "import { vi } from 'vitest'\n")).toHaveLength(1)
})

test('a relative import may not leave its package', () => {
  expect(violationsOf('packages/model/src/a.ts', "import { x } from '../../graph/src/b.ts'\n")).toEqual([
    'packages/model/src/a.ts -> packages/graph/src/b.ts not allowed by rule: relative imports stay inside packages/model',
  ])
})

test('tests may use tests/support, sources may not', () => {
  const source = "import '../../../tests/support/to-be-all-close.ts'\n"
  expect(violationsOf('packages/model/src/a.test.ts', source)).toEqual([])
  expect(violationsOf('packages/model/src/a.ts', source)).toHaveLength(1)
})

test('a worker started by URL counts as an import', () => {
  const source = "new Worker(new URL('../../graph/src/w.ts', import.meta.url))\n"
  expect(violationsOf('packages/model/src/a.ts', source)).toHaveLength(1)
})

test.each([
  ['packages/tabular/src/table/a.ts', "import { DuckDBInstance } from '@duckdb/node-api'\n"],
  ['packages/server/src/domain/fit.ts', "import { fastify } from 'fastify'\n"],
  ['packages/server/src/domain/fit.ts', "import { readFile } from 'node:fs/promises'\n"],
  ['packages/server/src/domain/fit.ts', "import { readFileSync } from 'node:fs'\n"],
  ['packages/server/src/domain/fit.ts', "import { DatabaseSync } from 'node:sqlite'\n"],
  ['packages/server/src/domain/fit.ts', 'const root = process.env.ROOT\n'],
  ['packages/server/src/domain/fit.ts', "import { x } from '../adapters/x.ts'\n"],
  ['packages/server/src/http/fit.ts', "import { x } from '../adapters/x.ts'\n"],
  ['packages/server/src/app.ts', 'const port = process.env["PORT"]\n'],
  ['packages/model/src/a.ts', 'const x = Math.random()\n'],
  ['tests/acceptance/a.test.ts', "import { x } from '../../packages/server/src/index.ts'\n"],
  ['bench/a.ts', "const ort = await import('onnxruntime-node')\n"],
])('%s may not hold %j', (path, source) => {
  expect(violationsOf(path, source)).toHaveLength(1)
})

test('config.ts of the server reads the environment', () => {
  expect(violationsOf('packages/server/src/config.ts', 'export const port = process.env.PORT\n')).toEqual([])
})

test('a file over 400 lines is refused, unless it is a test or generated', () => {
  const long = 'const a = 1\n'.repeat(401)
  write('packages/graph/src/long.test.ts', long)
  write('packages/graph/src/table.generated.ts', long)
  write('packages/graph/src/fits.ts', 'const a = 1\n'.repeat(400))
  expect(violationsOf('packages/graph/src/long.ts', long)).toEqual([
    'packages/graph/src/long.ts -> 401 lines not allowed by rule: at most 400 lines per file',
  ])
})

test('a package without a row in the table is refused', () => {
  manifest('mystery')
  expect(checkTree(root).map((violation) => violation.target)).toEqual(['mystery'])
})

test('imports are found in every form, and not in comments', () => {
  const source = [
    "import a from 'a'",
    "import type { B } from 'b'",
    'import {\n  c,\n  d,\n} from "c"',
    "export * from 'd'",
    "import 'e'",
    "const f = await import('f')",
    "const g = require('g')",
    "// import h from 'h'",
    " * import i from 'i'",
  ].join('\n')
  expect(readImports(source).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
})
