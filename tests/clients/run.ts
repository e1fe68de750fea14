/**
 * Runs the official Python client, unmodified, against this server: `npm run test:clients [-- VERSION...]`.
 *
 * For each pinned version a virtual environment is made (kept between runs, outside the repository), then
 * `client_flows.py` runs in it against a server on loopback with a data folder of its own. Needs Python 3.10 or newer and a package
 * registry for the first run; `npm test` needs neither.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonEnvironment } from '../support/python-environment.ts'
import { runProcess } from '../support/run-command.ts'
import { startServer, type TestServer } from '../support/start-server.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** Versions with pinned requirements, oldest first. */
const VERSIONS = readdirSync(join(HERE, 'requirements'))
  .map((name) => name.replace(/\.txt$/, ''))
  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))

/** Run the flows in a Python; the environment is what the documentation tells users to set. */
async function runFlows(python: string, server: TestServer): Promise<boolean> {
  const { code, stdout, stderr } = await runProcess(python, [join(HERE, 'client_flows.py')], {
    env: {
      TABPFN_CLIENT_API_URL: server.url,
      TABPFN_TOKEN: server.token,
      TABPFN_NO_BROWSER: '1',
      TABPFN_CLIENT_CI_MODE: 'true',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  })
  process.stdout.write(stdout)
  if (code !== 0) process.stdout.write(stderr)
  return code === 0
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2)
  const unknown = asked.filter((version) => !VERSIONS.includes(version))
  if (unknown.length > 0) {
    throw new Error(`No requirements for ${unknown.join(', ')}; there are ${VERSIONS.join(', ')}.`)
  }
  const failed: string[] = []
  for (const version of asked.length > 0 ? asked : VERSIONS) {
    const requirements = join(HERE, 'requirements', `${version}.txt`)
    const python = await pythonEnvironment(`client-${version}`, requirements)
    // A server of its own for each version, so that none finds what another one left.
    const server = await startServer()
    console.log(`\ntabpfn-client ${version}`)
    try {
      if (!(await runFlows(python, server))) failed.push(version)
    } finally {
      await server.stop()
    }
  }
  console.log(failed.length === 0 ? '\nall clients work' : `\nfailed: ${failed.join(', ')}`)
  if (failed.length > 0) process.exitCode = 1
}

await main()
