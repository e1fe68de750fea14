/** Versions of the official client from the package index: as users install them, and their source with its test files. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENVIRONMENTS } from '../support/python-environment.ts'
import { runProcess } from '../support/run-command.ts'

/**
 * The versions, oldest first, with the SHA-256 of their source packages: the oldest and the latest ones that speak each
 * dialect. Of 0.4.0 the index has the release candidate alone.
 */
const SOURCES: ReadonlyMap<string, string> = new Map([
  ['0.3.3', '0d221d8fd0f85b17dc44ee26f4837565ebc7932e5c0a27dec3fd163813491ba7'],
  ['0.4.0rc1', 'e4f63581af4003c80a3262615dc2b1a1f341bb2bd3fffcba1b8bb15fcba4a6bb'],
  ['0.4.1', 'b5e94f6941abb375b583de249a81b4bc0f5cfbe3e72debeb72dc7ac1e3249bbe'],
  ['0.6.1', '682b96888809372651eff86f2b34ec96a4f38be1ff1cbea8ef9c2921e2df566d'],
])

export const VERSIONS: readonly string[] = [...SOURCES.keys()]

/** Where a version is. */
export interface ClientPackage {
  /** Folder with the installed package, for the module path; what it depends on is in the environment. */
  installed: string
  /** Folder with the unpacked source package. */
  source: string
}

/**
 * A version of the client, fetched when it is not there yet.
 *
 * @param python  a Python with pip
 * @throws Error when it cannot be fetched, or when the source is not the one that is expected
 */
export async function clientPackage(version: string, python: string): Promise<ClientPackage> {
  const folder = join(ENVIRONMENTS, `client-${version}`)
  const found = { installed: join(folder, 'installed'), source: join(folder, 'source') }
  const done = join(folder, 'complete')
  if (existsSync(done)) return found
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(found.source, { recursive: true })
  const wanted = ['--quiet', '--disable-pip-version-check', '--no-deps', `tabpfn-client==${version}`]
  await must(python, ['-m', 'pip', 'install', ...wanted, '--target', found.installed])
  await must(python, ['-m', 'pip', 'download', ...wanted, '--no-binary', ':all:', '-d', folder])
  const archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tar.gz')) ?? 'missing')
  const actual = createHash('sha256').update(readFileSync(archive)).digest('hex')
  const expected = SOURCES.get(version)
  if (actual !== expected) throw new Error(`${archive} has SHA-256 ${actual}; expected ${expected}.`)
  await must('tar', ['-xzf', archive, '-C', found.source, '--strip-components=1'])
  writeFileSync(done, '')
  return found
}

async function must(file: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runProcess(file, args)
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
}
