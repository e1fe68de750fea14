/**
 * Schema-driven fuzzing: `npm run test:fuzz [-- --seed N --operation ID...]`.
 *
 * schemathesis reads `/openapi.json` of a server on loopback and calls every operation with valid and invalid data, with a
 * token and without. It fails on a 5xx, a status or content type that is not documented, a body that does not match its
 * schema, a wrong method that is not a 405, and invalid data that is accepted. Needs Python 3.10 or newer and a package
 * registry for the first run; `npm test` needs neither.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pythonEnvironment } from '../support/python-environment.ts'
import { runProcess } from '../support/run-command.ts'
import { startServer, type TestServer } from '../support/start-server.ts'
import { saveTinyModel } from '../support/tiny-model.ts'
import { type Answers, countAnswers, operationsOf } from './answers.ts'
import { makeTargets } from './targets.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const LEAST_REQUESTS = 5_000
const DEFAULT_SEED = '20261122'

/** Checks that are left out, with the reason. */
const LEFT_OUT = [
  // A schema cannot say everything: ids must exist, a column index must be that of a column.
  'positive_data_acceptance',
]

/** Operations that cannot succeed here, with the reason. */
const NEVER_SUCCEED = [
  // Left out: the same handler as POST /predict, whose schema is the largest.
  'POST /invocations',
  // The code is in a message.
  'GET /auth/verify_email',
  // The runs of the fuzzer train brains that answer rows; discover-with-run.int.test.ts asks for graphs.
  'POST /projects/:projectId/runs/:runId/discover',
  'POST /shares/:token/discover',
  // Wheels are refused whatever they hold.
  'POST /projects/:projectId/priors/:priorId/wheels',
]

/** One run of schemathesis. */
interface Phase {
  name: string
  withToken: boolean
  phases: string
  examples: number
}

const PHASES: readonly Phase[] = [
  { name: 'with a token', withToken: true, phases: 'examples,coverage,fuzzing,stateful', examples: 20 },
  { name: 'without a token', withToken: false, phases: 'fuzzing', examples: 20 },
]

/** How schemathesis is run. */
interface Setup {
  python: string
  url: string
  seed: string
  /** Only these; all when empty. */
  operations: readonly string[]
  folder: string
  env: Record<string, string>
}

/** @returns whether it found nothing */
async function fuzz(phase: Phase, { python, url, seed, operations, folder, env }: Setup): Promise<boolean> {
  const args = [
    ['run', `${url}/openapi.json`],
    ['--phases', phase.phases, '--max-examples', String(phase.examples), '--seed', seed],
    ['--exclude-checks', LEFT_OUT.join(',')],
    ['--generation-database', 'none', '--warnings', 'off', '--no-color', '--continue-on-failure'],
    ['--exclude-operation-id', 'containerInvocations'],
    operations.flatMap((name) => ['--include-operation-id', name]),
  ].flat()
  console.log(`\n${phase.name}`)
  const { code, stdout, stderr } = await runProcess(join(dirname(python), 'schemathesis'), args, {
    cwd: folder,
    env: {
      ...env,
      FUZZ_WITH_TOKEN: phase.withToken ? 'yes' : 'no',
      SCHEMATHESIS_HOOKS: 'hooks',
      PYTHONPATH: HERE,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  })
  process.stdout.write(stdout)
  process.stdout.write(stderr)
  return code === 0
}

/** What is wrong with the server after all phases, beside what schemathesis found. */
async function inspect(server: TestServer, answers: Answers): Promise<string[]> {
  const findings = answers
    .neverSucceeded(await operationsOf(server.url), NEVER_SUCCEED)
    .map((operation) => `${operation} never succeeded, so that nothing behind it was tried`)
  if (answers.total() < LEAST_REQUESTS) findings.push(`at least ${LEAST_REQUESTS} requests were expected`)
  return findings
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: process.env['FUZZ_SEED'] ?? DEFAULT_SEED },
      operation: { type: 'string', multiple: true, default: [] },
    },
  })
  const python = await pythonEnvironment('fuzz', join(HERE, 'requirements.txt'))
  const folder = mkdtempSync(join(tmpdir(), 'posterior-fuzz-'))
  const models = join(folder, 'models')
  await saveTinyModel(models)
  const server = await startServer({
    // Jobs that are started and not waited for must not fill the queue: a 503 would hide what comes after.
    env: {
      POSTERIOR_MODELS_DIR: models,
      POSTERIOR_LOG_LEVEL: 'error',
      POSTERIOR_MAX_QUEUE: '10000',
      POSTERIOR_OPEN_REGISTRATION: 'true',
    },
  })
  try {
    const setup: Setup = {
      python,
      url: server.url,
      seed: values.seed,
      operations: values.operation,
      folder,
      env: { FUZZ_TARGETS: JSON.stringify(await makeTargets(server, folder)) },
    }
    const before = await countAnswers(server.url)
    const findings: string[] = []
    for (const phase of PHASES) {
      if (!(await fuzz(phase, setup))) findings.push(`${phase.name}: see above`)
    }
    const answers = (await countAnswers(server.url)).since(before)
    console.log(`\n${answers.table()}\n`)
    // A run of a few operations is somebody looking for the cause of a finding.
    if (setup.operations.length === 0) findings.push(...(await inspect(server, answers)))
    for (const finding of findings) console.log(`FAILED ${finding}`)
    const outcome = findings.length === 0 ? 'nothing found' : `${findings.length} findings`
    console.log(`${answers.total()} requests with seed ${values.seed}: ${outcome}`)
    if (findings.length > 0) process.exitCode = 1
  } finally {
    const code = await server.stop()
    rmSync(folder, { recursive: true, force: true })
    if (code !== 0) {
      console.log(`FAILED the server ended with exit code ${code}:\n${server.output()}`)
      process.exitCode = 1
    }
  }
}

await main()
