/**
 * Worker thread: draws a micro-batch from the prior and computes loss and gradient on it. Which worker takes which
 * micro-batch does not matter: each is drawn from its own seed and written to its own slot.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { Provider } from '@posterior/engine'
import { type OnnxSession, openSession, type TensorValue } from '@posterior/engine/runtime'
import { buildLossGraph, buildStepGraph, type ModelTask, type StepGraph } from '@posterior/model'
import { drawBatch, drawModuleBatch, ModuleSource, PriorError, type TaskBatch } from '@posterior/prior'
import { Random } from '@posterior/tabular'
import { ParameterLayout } from '../optimizer/flat-parameters.ts'
import { TrainingError } from '../run/training-error.ts'
import { baselineLosses } from './baseline.ts'
import { batchFeeds, datasetWeights } from './feeds.ts'
import type { MicroBatchFailure, MicroBatchRequest, MicroBatchResult, WorkerSetup } from './protocol.ts'

const setup = workerData as WorkerSetup
const layout = new ParameterLayout(setup.config)
const sharedWeights = new Float32Array(setup.weights)
const sharedGradients = new Float32Array(setup.gradients)
const weights = new Float32Array(layout.length)
const sessions = new Map<string, Promise<{ graph: StepGraph; session: OnnxSession }>>()
/** Its process is started at the first batch, and ends with this thread. */
const source = setup.module && ModuleSource.of(setup.module)
let weightsVersion = -1

function sessionFor(kind: MicroBatchRequest['kind'], task: ModelTask) {
  const key = `${kind} ${task}`
  let opened = sessions.get(key)
  if (!opened) {
    const graph =
      kind === 'gradient' ? buildStepGraph(setup.config, task) : buildLossGraph(setup.config, task)
    opened = openOn(graph.bytes, setup.provider).then((session) => ({ graph, session }))
    sessions.set(key, opened)
  }
  return opened
}

const openOn = (bytes: Uint8Array, provider: Provider | undefined) =>
  openSession(bytes, { threads: setup.threads, ...(provider && { provider }) })

/** Largest difference from the CPU's loss that is rounding, as a share of the loss. */
const TOLERANCE = 0.02

/**
 * Compare the losses of a first batch with those of the CPU. A provider that computes something else would train a brain
 * that looks like any other.
 */
async function verify(
  graph: StepGraph,
  feeds: Record<string, TensorValue>,
  losses: Float32Array,
): Promise<void> {
  const session = await openOn(graph.bytes, 'cpu')
  const { losses: expected } = await session.run(takenBy(session, feeds))
  await session.release()
  losses.forEach((loss, i) => {
    const right = Number(expected!.data[i])
    if (!(Math.abs(loss - right) <= TOLERANCE * Math.max(1, Math.abs(right)))) {
      throw new TrainingError(
        `the provider ${setup.provider} computes a loss of ${loss}, the CPU ${right}; train on the CPU`,
      )
    }
  })
}

const verified = new Set<StepGraph>()

async function handle(request: MicroBatchRequest): Promise<MicroBatchResult> {
  const { graph, session } = await sessionFor(request.kind, request.spec.task)
  if (request.weightsVersion !== weightsVersion) {
    // ONNX Runtime does not read shared memory.
    weights.set(sharedWeights)
    weightsVersion = request.weightsVersion
  }
  const batch = await draw(request)
  const feeds: Record<string, TensorValue> = batchFeeds(batch)
  for (const { name, shape } of graph.parameters)
    feeds[name] = { data: layout.view(weights, name), dims: shape }
  if (request.kind === 'gradient') feeds['weight'] = datasetWeights(batch)
  const results = await session.run(takenBy(session, feeds))
  const losses = results['losses']!.data as Float32Array
  if (setup.provider && setup.provider !== 'cpu' && !verified.has(graph)) {
    await verify(graph, feeds, losses)
    verified.add(graph)
  }
  if (request.kind === 'gradient') writeGradient(graph, results, request)
  return {
    id: request.id,
    losses: [...losses],
    baselines: request.kind === 'evaluation' ? baselineLosses(batch) : [],
    families: batch.families,
  }
}

/** Not every model reads everything of a batch. */
function takenBy({ inputNames }: OnnxSession, feeds: Record<string, TensorValue>) {
  return Object.fromEntries(inputNames.map((name) => [name, feeds[name]!]))
}

/** Tasks that are measured come from seeds that none to train on has. */
async function draw({ spec, seed, kind }: MicroBatchRequest): Promise<TaskBatch> {
  const random = Random.fromSeed(...seed)
  if (!source) return drawBatch(spec, random)
  return drawModuleBatch(source, spec, { random, half: kind === 'gradient' ? 'training' : 'held out' })
}

function failureOf({ id }: MicroBatchRequest, error: Error): MicroBatchFailure {
  const isExpected = error instanceof PriorError || error instanceof TrainingError
  return { id, error: isExpected ? error.message : (error.stack ?? error.message), isExpected }
}

/** The gradient of the step is the mean over its datasets, so each micro-batch counts by its size. */
function writeGradient(
  graph: StepGraph,
  results: Record<string, TensorValue>,
  request: MicroBatchRequest,
): void {
  const slot = sharedGradients.subarray(request.slot * layout.length, (request.slot + 1) * layout.length)
  slot.fill(0)
  for (const { name } of graph.parameters) {
    const target = layout.view(slot, name)
    const gradient = results[`grad.${name}`]!.data as Float32Array
    for (let i = 0; i < target.length; i++) target[i] = gradient[i]! * request.share
  }
}

parentPort!.on('message', (request: MicroBatchRequest) => {
  handle(request).then(
    (result) => parentPort!.postMessage(result),
    (error: Error) => parentPort!.postMessage(failureOf(request, error)),
  )
})
