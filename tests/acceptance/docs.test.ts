/** Every command and program in the README and the guide is run as it stands, in a folder that looks like the repository. */
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DocBlock, listPages, RUNNABLE, readBlocks } from '../support/doc-blocks.ts'
import { ROOT, runProcess } from '../support/run-command.ts'
import { startServer, type TestServer } from '../support/start-server.ts'
import { tempDir } from '../support/temp-dir.ts'

const PAGES = listPages(ROOT).map((page) => ({ page, blocks: readBlocks(ROOT, page) }))
const COMMANDS = { bash: 'bash', js: process.execPath, python: 'python3' } as const
const FILES = { bash: 'block.sh', js: 'block.mjs', python: 'block.py' } as const

let server: TestServer
let hasPython = false

beforeAll(async () => {
  server = await startServer()
  const python = await runProcess('python3', ['--version']).catch(() => undefined)
  hasPython = python?.code === 0
  if (!hasPython) console.warn('There is no python3 here: the Python blocks are not run.')
})

afterAll(async () => {
  await server?.stop()
})

test('every shell, JavaScript and Python block says whether it is run', () => {
  const unmarked = PAGES.flatMap(({ blocks }) => blocks)
    .filter(({ language }) => (RUNNABLE as readonly string[]).includes(language))
    .filter(({ marks }) => !marks.includes('run') && !marks.includes('elsewhere'))
  expect(unmarked.map(({ page, line }) => `${page}:${line}`)).toEqual([])
})

test('the README shows blocks that are run', () => {
  expect(
    PAGES.find(({ page }) => page === 'README.md')?.blocks.some(({ marks }) => marks.includes('run')),
  ).toBe(true)
})

test('links between the pages lead to files that exist', async () => {
  const { readFileSync } = await import('node:fs')
  const broken = PAGES.flatMap(({ page }) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1]!)
    return targets
      .filter((target) => !existsSync(join(ROOT, page, '..', target)))
      .map((target) => `${page}: ${target}`)
  })
  expect(broken).toEqual([])
})

for (const { page, blocks } of PAGES) {
  const toRun = blocks.filter(({ marks }) => marks.includes('run'))
  if (toRun.length === 0) continue
  // One folder per page, in order: a later block may use what an earlier one wrote.
  describe(page, () => {
    test('its blocks run', async () => {
      const folder = repositoryLike(tempDir())
      for (const block of toRun) {
        if (block.language === 'python' && !hasPython) continue
        const { code, stdout, stderr } = await runBlock(block, folder)
        expect({ code, stdout, stderr }, `${page}:${block.line}`).toMatchObject({ code: 0 })
      }
    }, 300_000)
  })
}

/** A folder with links to everything in the repository, so that what a block writes stays out of it. */
function repositoryLike(folder: string): string {
  const hidden = new Set(['.git', 'runs', 'data', 'posterior-data'])
  for (const name of readdirSync(ROOT)) {
    if (!hidden.has(name)) symlinkSync(join(ROOT, name), join(folder, name))
  }
  mkdirSync(join(folder, 'data'), { recursive: true })
  return folder
}

function runBlock(block: DocBlock, folder: string) {
  const language = block.language as keyof typeof COMMANDS
  const file = join(folder, FILES[language])
  writeFileSync(file, language === 'bash' ? `set -euo pipefail\n${block.code}` : block.code)
  return runProcess(COMMANDS[language], [file], {
    cwd: folder,
    env: {
      POSTERIOR_URL: server.url,
      POSTERIOR_TOKEN: server.token,
      PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`,
    },
  })
}
