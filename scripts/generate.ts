/**
 * Writes the reference pages that follow from the code: `node scripts/generate.ts`. With `--check` it writes nothing and
 * fails when a page on disk is not what the code says.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMMANDS } from '../packages/cli/src/commands.ts'
import { renderReference } from '../packages/cli/src/help.ts'
import { renderErrorReference, renderTabpfnConfigReference } from '../packages/contracts/src/index.ts'
import { renderHttpReference } from '../packages/server/src/api-document.ts'
import { renderConfigReference } from '../packages/server/src/config.ts'

/** A generated file: repository-relative path and content. */
export interface Page {
  path: string
  content: string
}

const SOURCES: readonly { path: string; source: string; render: () => string | Promise<string> }[] = [
  {
    path: 'docs/reference/errors.md',
    source: 'packages/contracts/src/errors/catalogue.ts',
    render: renderErrorReference,
  },
  {
    path: 'docs/reference/config.md',
    source: 'packages/server/src/config',
    render: renderConfigReference,
  },
  {
    path: 'docs/reference/tabpfn-config.md',
    source: 'packages/contracts/src/tabpfn',
    render: renderTabpfnConfigReference,
  },
  {
    path: 'docs/reference/api.md',
    source: 'packages/server/src/http/routes',
    render: renderHttpReference,
  },
  {
    path: 'docs/reference/cli.md',
    source: 'packages/cli/src/commands',
    render: () => renderReference(COMMANDS),
  },
]

/** Every generated page with its content as the code says now. */
export function renderPages(): Promise<Page[]> {
  return Promise.all(
    SOURCES.map(async ({ path, source, render }) => {
      const text = (await render()).trimEnd()
      return {
        path,
        content: `<!-- Generated from ${source} by "npm run generate". Do not edit. -->\n\n${text}\n`,
      }
    }),
  )
}

/** Paths of pages whose file under `root` is missing or differs. */
export function findDrift(root: string, pages: readonly Page[]): string[] {
  return pages
    .filter(({ path, content }) => readIfThere(join(root, path)) !== content)
    .map(({ path }) => path)
}

/** Write the pages that differ. @returns their paths */
export function writePages(root: string, pages: readonly Page[]): string[] {
  const drifted = findDrift(root, pages)
  for (const { path, content } of pages.filter((page) => drifted.includes(page.path))) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return drifted
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function main(): Promise<void> {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
  const pages = await renderPages()
  if (!process.argv.includes('--check')) {
    for (const path of writePages(root, pages)) console.log(`wrote ${path}`)
    return
  }
  const drifted = findDrift(root, pages)
  for (const path of drifted)
    console.error(`${path} is not what the code says; run "npm run generate" and commit it.`)
  if (drifted.length > 0) process.exitCode = 1
  console.log(`generate --check: ${drifted.length === 0 ? 'no' : drifted.length} pages drifted`)
}

if (process.argv[1] && relative(process.argv[1], fileURLToPath(import.meta.url)) === '') await main()
