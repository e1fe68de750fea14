/** What the generated calls can find: training sets, fits and test sets of both tasks, behind the public API. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { writeTar } from '../../packages/project/src/index.ts'
import { createAccounts } from '../../packages/server/src/testing/test-server.ts'
import { packState } from '../../packages/training/src/run/carried-state.ts'
import type { TestServer } from '../support/start-server.ts'

/** What `hooks.py` reads. */
export interface Targets {
  url: string
  token: string
  /** Name of the installed model. */
  model: string
  sets: { task: string; ids: Record<string, string> }[]
  /** An account with a password. */
  userId: string
  /** All accounts that are there at first: ids of them are found in answers, and none of them may go. */
  accountIds: string[]
  email: string
  password: string
  /** Tokens of accounts that may lose everything, by the operation that takes it. */
  spareTokens: Record<string, string>
  /** A project with one of everything, and a member beside its owner. */
  studio: Record<
    | 'projectId'
    | 'priorId'
    | 'modelId'
    | 'evalId'
    | 'datasetId'
    | 'initiativeId'
    | 'entryId'
    | 'runId'
    | 'accountId'
    | 'shareToken',
    string
  >
  /** That project as an archive, in base64. */
  archive: string
  /** Another project, whose runs train on a runner. */
  runnerProjectId: string
  /** Of the run of the studio. */
  hyperparams: object
  /** Its brain, and the state that it is saved in, as a runner uploads them. */
  artifactFile: string
  stateFile: string
}

/** The fields that are read of the answers. */
interface Answer {
  train_set_upload_id: string
  fitted_train_set_id: string
  test_set_upload_id: string
  x_train_info: { signed_urls: string[] }
  y_train_info: { signed_urls: string[] }
  x_test_info: { signed_urls: string[] }
  id: string
  reset_url: string
  token: string
}

/** Operations that take the token of a runner. */
const RUNNER_OPERATIONS = [
  ...['reportCapabilities', 'nextJob', 'beatJob', 'tellJobEvents', 'handBackJob', 'endJob'],
  ...['getJobBundle', 'putJobArtifact', 'putJobState', 'getJobState'],
]

const EMAIL = 'fuzz@example.org'
const PASSWORD = 'Correct-horse-1'
const ROWS = 12
/** A run of one step takes seconds, and minutes where others compute: training has the lowest priority. */
const TRAINING_MS = 600_000
const POLL_MS = 200
const csv = (header: string, line: (i: number) => string) =>
  `${header}\n${Array.from({ length: ROWS }, (_, i) => line(i)).join('\n')}\n`

const FEATURES = csv('size,kind,age', (i) => `${i * 1.5},${i % 3 === 0 ? 'a' : 'b'},${i === 4 ? '' : 30 - i}`)
const CLASSES = csv('label', (i) => (i % 2 === 0 ? 'yes' : 'no'))
const NUMBERS = csv('price', (i) => String(i * i))

const HYPERPARAMS = { steps: 1, batch_size: 1, eval_every: 0 }

/** Upload and fit one small problem of each task. @param folder  for files that calls send */
export async function makeTargets({ url, token, dataDir }: TestServer, folder: string): Promise<Targets> {
  const post = async (path: string, body: unknown, method = 'POST') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as Answer
  }
  const put = async (file: { signed_urls: string[] }, body: string) => {
    const answer = await fetch(file.signed_urls[0]!, { method: 'PUT', body })
    if (!answer.ok) throw new Error(`the upload answered ${answer.status}: ${await answer.text()}`)
  }
  const make = async (task: string, target: string) => {
    const info = { format: 'csv' }
    const train = await post('/tabpfn/prepare_train_set_upload', { x_train_info: info, y_train_info: info })
    await put(train.x_train_info, FEATURES)
    await put(train.y_train_info, target)
    const { train_set_upload_id } = train
    const { fitted_train_set_id } = await post('/tabpfn/fit', { train_set_upload_id, task })
    const test = await post('/tabpfn/prepare_test_set_upload', { fitted_train_set_id, x_test_info: info })
    await put(test.x_test_info, FEATURES)
    const { test_set_upload_id } = test
    const ids = {
      train_set_upload_id,
      fitted_train_set_id,
      test_set_upload_id,
      // The same under the names of other routes.
      fittedTrainSetId: fitted_train_set_id,
      model_id: fitted_train_set_id,
      dataset_id: test_set_upload_id,
    }
    return { task, ids }
  }
  const sets = [await make('classification', CLASSES), await make('regression', NUMBERS)]
  const spare = [
    ...['deleteAllDatasets', 'deleteUserAccount', 'createApiToken', 'createProject', 'importProject'],
    'createRunner',
  ]
  const tokens = await createAccounts({ dataDir }, ...spare)
  const spareTokens = Object.fromEntries(spare.map((operation, i) => [operation, tokens[i]!]))
  // What is issued there is revoked by the same account.
  spareTokens['revokeApiToken'] = spareTokens['createApiToken']!
  spareTokens['revokeRunner'] = spareTokens['createRunner']!
  const { token: runner } = await post('/runners', { name: 'fuzz' })
  const { id: runnerProjectId } = await post('/projects', { name: 'Fuzz runner' })
  for (const operation of RUNNER_OPERATIONS) spareTokens[operation] = runner
  const { id: userId } = await post('/admin/users', { email: EMAIL })
  const studio = await makeProject(post, userId, async (path) => {
    for (const end = Date.now() + TRAINING_MS; Date.now() < end; await delay(POLL_MS)) {
      const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
      if (((await answer.json()) as { status: string }).status === 'completed') return
    }
    throw new Error(`${path} was not completed in time`)
  })
  const download = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return Buffer.from(await answer.arrayBuffer())
  }
  const archive = (await download(`/projects/${studio.projectId}/export`)).toString('base64')
  const [artifactFile, stateFile] = [join(folder, 'artifact.tar.gz'), join(folder, 'state.tar.gz')]
  const run = `/projects/${studio.projectId}/runs/${studio.runId}`
  await writeFile(artifactFile, await download(`${run}/checkpoints/${HYPERPARAMS.steps}`))
  const state = await packState(join(dataDir, 'runs', studio.runId))
  if (!state) throw new Error('the run has no state')
  await writeFile(stateFile, gzipSync(writeTar(state.files)))
  const { reset_url } = await post(`/admin/users/${userId}/reset_password`, {})
  const code = new URL(reset_url).searchParams.get('token')
  await post('/auth/reset_password', { token: code, password: PASSWORD, password_confirm: PASSWORD })
  const accounts = await fetch(`${url}/admin/users`, { headers: { authorization: `Bearer ${token}` } })
  const { users } = (await accounts.json()) as { users: { id: string }[] }
  return {
    url,
    token,
    model: 'tiny',
    sets,
    userId,
    accountIds: users.map(({ id }) => id),
    email: EMAIL,
    password: PASSWORD,
    spareTokens,
    studio,
    runnerProjectId,
    archive,
    hyperparams: HYPERPARAMS,
    artifactFile,
    stateFile,
  }
}

async function makeProject(
  post: (path: string, body: unknown, method?: string) => Promise<Answer>,
  accountId: string,
  untilCompleted: (path: string) => Promise<void>,
): Promise<Targets['studio']> {
  const { id: projectId } = await post('/projects', { name: 'Fuzz' })
  await post(`/projects/${projectId}/members`, { account: accountId, role: 'editor' })
  const make = async (plural: string) =>
    (await post(`/projects/${projectId}/${plural}`, { name: 'Target' })).id
  const [priorId, modelId, evalId] = [await make('priors'), await make('models'), await make('evals')]
  const { id: datasetId } = await post(`/projects/${projectId}/datasets?slug=target&target=kind`, FEATURES)
  const [initiativeId, entryId] = ['0001-target', 'references.bib']
  await post(
    `/projects/${projectId}/initiatives/${initiativeId}`,
    { text: '---\nid: 0001-target\n---\n' },
    'PUT',
  )
  await post(`/projects/${projectId}/literature/${entryId}`, { text: '' }, 'PUT')
  const order = { prior: 'coin-flip', hyperparams: HYPERPARAMS }
  const { id: runId } = await post(`/projects/${projectId}/runs`, order)
  await untilCompleted(`/projects/${projectId}/runs/${runId}`)
  const { token: shareToken } = await post(`/projects/${projectId}/runs/${runId}/shares`, { label: 'Fuzz' })
  return {
    projectId,
    priorId,
    modelId,
    evalId,
    datasetId,
    initiativeId,
    entryId,
    runId,
    accountId,
    shareToken,
  }
}
