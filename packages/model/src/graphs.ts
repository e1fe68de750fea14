/**
 * The graphs of a model, all from the one definition in `architecture.ts`: encode and predict for serving, and the
 * training step with loss and gradients.
 */
import {
  type Dim,
  Graph,
  gradients,
  type Lowering,
  mean,
  meanAll,
  mul,
  type OnnxGraph,
  serialize,
  type Tensor,
} from '@posterior/graph'
import { CHANNELS, CLASS_SLOTS, COLUMN_ID_DIM, type ModelTask, type Task } from './config.ts'
import { type Definition, definitionOf, discoveryOf, type Kept, type TableInputs } from './definition.ts'
import { edgeLoss } from './losses.ts'
import { type ModelConfig, tasksOf } from './model-config.ts'
import {
  ParameterConstants,
  ParameterInputs,
  type ParameterSource,
  type ParameterSpec,
  Scope,
  type WeightTensor,
} from './parameters.ts'

/** Weights by name, as a checkpoint holds them. */
export type Weights = ReadonlyMap<string, WeightTensor>

export interface ServingGraphOptions {
  /** 'onnxruntime' (default) uses its fused kernels; 'portable' standard operators alone. */
  readonly lowering?: Lowering
}

/**
 * Labelled rows to context.
 *
 * Inputs: `x` [B, n, f, 4]; `y` one-hot class slots [B, n, 64] or standardised target [B, n, 1]; `column_ids`
 * [B, f, 16]. Outputs: the tensors of the context, names starting with `ctx.`.
 */
export function buildEncodeGraph(
  config: ModelConfig,
  task: Task,
  weights: Weights,
  options: ServingGraphOptions = {},
): OnnxGraph {
  const { graph, scope } = servingGraph(weights, options)
  const definition = definitionOf(config, task)
  const kept = definition.encode(
    scope,
    cellInputs(graph, 'x', 'n', definition),
    targetInput(graph, 'y', 'n', task),
  )
  for (const [name, tensor] of Object.entries(kept)) graph.output(`ctx.${name}`, tensor)
  return serialize(graph, { name: `encode ${task}` })
}

/**
 * Query rows and context to answers.
 *
 * Inputs: `x` [B, m, f, 4], `column_ids` [B, f, 16] as at encoding, and the context. Output: `log_probs` [B, m, 64]
 * over class slots, `quantiles` [B, m, 255] of the standardised target, not sorted, or `bars` [B, m, buckets] (see
 * composition/bars.ts).
 */
export function buildPredictGraph(
  config: ModelConfig,
  task: Task,
  weights: Weights,
  options: ServingGraphOptions = {},
): OnnxGraph {
  const { graph, scope } = servingGraph(weights, options)
  const definition = definitionOf(config, task)
  const inputs = cellInputs(graph, 'x', 'm', definition)
  graph.output(definition.output, definition.predict(scope, inputs, contextInputs(graph, definition, task)))
  return serialize(graph, { name: `predict ${task}` })
}

/**
 * A whole table to the graph behind its columns.
 *
 * Input: `x` [B, n, f, 4]. Output: `logits` [B, f, f] of an edge from the row's column to the column's.
 */
export function buildDiscoverGraph(
  config: ModelConfig,
  weights: Weights,
  options: ServingGraphOptions = {},
): OnnxGraph {
  const { graph, scope } = servingGraph(weights, options)
  const { columns, discover } = discoveryOf(config)
  graph.output('logits', discover(scope, graph.input('x', ['B', 'n', columns, CHANNELS])))
  return serialize(graph, { name: 'discover' })
}

/** A training step: everything that the trainer needs to feed and read it. */
export interface StepGraph extends OnnxGraph {
  /** The weights this task uses; each is an input of its name and its gradient the output `grad.<name>`. */
  readonly parameters: readonly ParameterSpec[]
}

/**
 * Loss and gradients on a batch of datasets.
 *
 * Inputs: `x_train` [B, n, f, 4], `x_test` [B, m, f, 4], `y_train`, `y_test` (as `y` of the encode graph), `column_ids`,
 * `weight` [B] (factor on each dataset's loss) and the weights. Outputs: `loss` (scalar), `losses` [B] before weighting
 * (mean cross-entropy in nats, or mean pinball loss x 2, the CRPS of the standardised target) and `grad.*`.
 */
export function buildStepGraph(config: ModelConfig, task: ModelTask): StepGraph {
  const { graph, parameters } = defineStep(config, task, 'differentiable')
  return { ...serialize(graph, { name: `step ${task}` }), parameters }
}

/** The training step before it is written, for whoever wants to evaluate it otherwise. */
export function defineStep(
  config: ModelConfig,
  task: ModelTask,
  lowering: 'differentiable' | 'portable',
): { readonly graph: Graph; readonly parameters: readonly ParameterSpec[] } {
  const graph = new Graph({ lowering })
  const source = new ParameterInputs(graph)
  const losses = datasetLosses(graph, source, config, task)
  const loss = meanAll(mul(losses, graph.input('weight', ['B'])))
  graph.output('loss', loss)
  graph.output('losses', losses)
  const slopes = gradients(loss, source.tensors)
  const parameters = source.specs.filter((spec, i) => {
    const gradient = slopes[i]
    if (gradient) graph.output(`grad.${spec.name}`, gradient)
    return gradient
  })
  return { graph, parameters }
}

/** Losses alone, [B], for evaluation during training; inputs as the step graph's without `weight`. */
export function buildLossGraph(config: ModelConfig, task: ModelTask): StepGraph {
  const graph = new Graph({ lowering: 'onnxruntime' })
  const source = new ParameterInputs(graph)
  graph.output('losses', datasetLosses(graph, source, config, task))
  return { ...serialize(graph, { name: `loss ${task}` }), parameters: source.specs }
}

/** Every weight of the model, those of both tasks, in a fixed order. */
export function parameterSpecs(config: ModelConfig): ParameterSpec[] {
  const specs = new Map<string, ParameterSpec>()
  for (const task of tasksOf(config)) {
    const graph = new Graph()
    const source = new ParameterInputs(graph)
    datasetLosses(graph, source, config, task)
    for (const spec of source.specs) specs.set(spec.name, spec)
  }
  return [...specs.values()]
}

/** Number of weights of the model. */
export function parameterCount(config: ModelConfig): number {
  return parameterSpecs(config).reduce((total, spec) => total + spec.shape.reduce((a, b) => a * b, 1), 0)
}

function datasetLosses(graph: Graph, source: ParameterSource, config: ModelConfig, task: ModelTask): Tensor {
  if (task === 'discovery') return graphLosses(graph, source, config)
  const scope = new Scope(graph, source)
  const definition = definitionOf(config, task)
  const train = cellInputs(graph, 'x_train', 'n', definition)
  const test = {
    cells: graph.input('x_test', ['B', 'm', definition.columns, CHANNELS]),
    columnIds: train.columnIds,
  }
  const kept = definition.encode(scope, train, targetInput(graph, 'y_train', 'n', task))
  const answers = definition.predict(scope, test, kept)
  const truth = targetInput(graph, 'y_test', 'm', task)
  return mean(definition.loss(answers, truth), [-1])
}

/** Inputs: `x_train` [B, n, f, 4], `adjacency` and `pairs` [B, f, f] (see edgeLoss). */
function graphLosses(graph: Graph, source: ParameterSource, config: ModelConfig): Tensor {
  const { columns, discover } = discoveryOf(config)
  const logits = discover(new Scope(graph, source), graph.input('x_train', ['B', 'n', columns, CHANNELS]))
  const shape = ['B', columns, columns]
  return edgeLoss(logits, graph.input('adjacency', shape), graph.input('pairs', shape))
}

/** An empty graph that holds weights as constants. */
function servingGraph(weights: Weights, options: ServingGraphOptions): { graph: Graph; scope: Scope } {
  const graph = new Graph({ lowering: options.lowering ?? 'onnxruntime' })
  return { graph, scope: new Scope(graph, new ParameterConstants(graph, weights)) }
}

function cellInputs(graph: Graph, name: string, rows: Dim, { columns }: Definition): TableInputs {
  return {
    cells: graph.input(name, ['B', rows, columns, CHANNELS]),
    columnIds: graph.input('column_ids', ['B', columns, COLUMN_ID_DIM]),
  }
}

function targetInput(graph: Graph, name: string, rows: Dim, task: Task): Tensor {
  return graph.input(name, ['B', rows, task === 'classification' ? CLASS_SLOTS : 1])
}

/** What labelled rows leave, as inputs: named and shaped as encoding gives them. */
function contextInputs(graph: Graph, definition: Definition, task: Task): Kept {
  const draft = new Graph()
  const kept = definition.encode(
    new Scope(draft, new ParameterInputs(draft)),
    cellInputs(draft, 'x', 'n', definition),
    targetInput(draft, 'y', 'n', task),
  )
  return Object.fromEntries(
    Object.entries(kept).map(([name, { shape }]) => [name, graph.input(`ctx.${name}`, shape)]),
  )
}
