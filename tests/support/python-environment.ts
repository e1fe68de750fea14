/** Python with exactly the packages of a requirements file, for suites that drive the server from Python. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runProcess } from './run-command.ts'

/** Folder of the environments: outside the repository, and kept, for one takes half a minute to make. */
export const ENVIRONMENTS =
  process.env['PYTHON_ENVIRONMENTS'] ?? join(homedir(), '.cache', 'posterior-python')
const PYTHON = process.env['PYTHON'] ?? 'python3'

/**
 * The Python of a virtual environment with these requirements; made when it is not there yet, anew when they change.
 *
 * @param name  start of the folder's name
 * @param requirements  path of a file in pip's format, with every package pinned
 * @throws Error with the output of pip when the environment cannot be made
 */
export async function pythonEnvironment(name: string, requirements: string): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(ENVIRONMENTS, `${name}-${digest}`)
  const python = join(folder, 'bin', 'python')
  const done = join(folder, 'complete')
  if (existsSync(done)) return python
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(ENVIRONMENTS, { recursive: true })
  await must(PYTHON, ['-m', 'venv', folder])
  await must(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
  writeFileSync(done, '')
  return python
}

async function must(file: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runProcess(file, args)
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
}
