/**
 * Runs the official Python client, unmodified, against this server: `npm run test:clients [-- VERSION...]`.
 *
 * A virtual environment with what all versions need is made once and kept, outside the repository; each version of the
 * client lies beside it. With each run the flows of `main.py`, and the test files of the client itself that talk to a
 * server, against servers on loopback with data folders of their own; two versions at a time. Needs Python 3.10 or newer
 * with venv, and a package index for the first run; `npm test` needs neither. The last line is "N passed, N failed".
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonEnvironment } from '../support/python-environment.ts'
import { runProcess } from '../support/run-command.ts'
import { startServer } from '../support/start-server.ts'
import { clientPackage, VERSIONS } from './client-package.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const AT_A_TIME = 2

interface Counts {
  passed: number
  failed: number
}

/** Everything with one version, and what it printed. Never rejects: what goes wrong is one failure. */
async function runVersion(version: string, python: string): Promise<Counts & { output: string }> {
  try {
    const { installed, source } = await clientPackage(version, python)
    const flows = await runProgram(python, [join(HERE, 'main.py')], installed)
    const own = await runProgram(python, [join(HERE, 'own_tests.py'), source], installed)
    return {
      passed: flows.passed + own.passed,
      failed: flows.failed + own.failed,
      output: flows.output + own.output,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { passed: 0, failed: 1, output: `  FAIL  ${reason}\n` }
  }
}

/** A Python program against a server of its own; the environment is what the documentation tells users to set. */
async function runProgram(
  python: string,
  args: readonly string[],
  installed: string,
): Promise<Counts & { output: string }> {
  const server = await startServer({
    env: { POSTERIOR_LOG_LEVEL: 'error', POSTERIOR_OPEN_REGISTRATION: 'true' },
  })
  try {
    const { code, stdout, stderr } = await runProcess(python, args, {
      env: {
        TABPFN_CLIENT_API_URL: server.url,
        TABPFN_TOKEN: server.token,
        TABPFN_NO_BROWSER: '1',
        TABPFN_CLIENT_CI_MODE: 'true',
        PYTHONPATH: installed,
        PYTHONDONTWRITEBYTECODE: '1',
      },
    })
    const found = /^ {2}(\d+) passed, (\d+) failed$/.exec(stdout.trimEnd().split('\n').at(-1) ?? '')
    const counts = { passed: Number(found?.[1] ?? 0), failed: Number(found?.[2] ?? 1) }
    if (code !== 0 && counts.failed === 0) counts.failed = 1
    return { ...counts, output: counts.failed === 0 ? stdout : `${stdout}${stderr}${server.output()}` }
  } finally {
    await server.stop()
  }
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2)
  const unknown = asked.filter((version) => !VERSIONS.includes(version))
  if (unknown.length > 0) {
    throw new Error(`Unknown versions: ${unknown.join(', ')}; known are ${VERSIONS.join(', ')}.`)
  }
  const waiting = asked.length > 0 ? [...asked] : [...VERSIONS]
  const python = await pythonEnvironment('clients', join(HERE, 'requirements.txt'))
  const total: Counts = { passed: 0, failed: 0 }
  const work = async () => {
    for (let version = waiting.shift(); version !== undefined; version = waiting.shift()) {
      const start = performance.now()
      const { passed, failed, output } = await runVersion(version, python)
      total.passed += passed
      total.failed += failed
      const seconds = ((performance.now() - start) / 1000).toFixed(0)
      console.log(`\ntabpfn-client ${version} (${seconds} s)\n${output.trimEnd()}`)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
  if (total.failed > 0) process.exitCode = 1
}

await main().catch((error: unknown) => {
  // Without Python or a package index nothing ran, which is a failure and not an absence.
  console.log('The clients did not run. They need Python 3.10 or newer with venv, and a package index:')
  console.log(error instanceof Error ? error.message : error)
  console.log('\n0 passed, 1 failed')
  process.exitCode = 1
})
