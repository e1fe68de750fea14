/** Priors, models, evals and datasets as answers show them, and the one form in which they are written to files. */
import { z } from 'zod'
import { responseIdSchema } from '../tabpfn/ids.ts'
import { type ArtefactKind, type CommonSpec, shownFields } from './artefact-fields.ts'
import { brainInputsSchema } from './brain.ts'
import { type DatasetSpec, datasetFolder, datasetInputSchema } from './dataset.ts'
import { type EvalSpec, evalInputSchema } from './eval.ts'
import { handleSchema, slugSchema, studioNameSchema } from './ids.ts'
import { type ModelSpec, modelInputSchema } from './model.ts'
import { type PriorSpec, priorInputSchema } from './prior.ts'

/** What is stored of an artefact, by kind. */
export interface ArtefactSpecs {
  prior: PriorSpec
  model: ModelSpec
  eval: EvalSpec
  dataset: DatasetSpec
}

export type ArtefactSpec = ArtefactSpecs[ArtefactKind]

/** How an artefact is read from a request or a file, by kind. */
export const ARTEFACT_INPUTS = {
  prior: priorInputSchema,
  model: modelInputSchema,
  eval: evalInputSchema,
  dataset: datasetInputSchema,
} as const

const time = z.iso.datetime().describe('UTC')

const sourceSchema = z
  .object({ name: z.string(), slug: z.string(), version: z.string() })
  .describe('Where a fork comes from')

const forkFields = { ...shownFields, forkedFrom: sourceSchema.nullable() }

const text = z.string().nullable()

export const priorSchema = z
  .object({
    ...forkFields,
    kind: z.string(),
    parameters: z.record(z.string(), z.unknown()),
    outputs: z.looseObject({ variables: z.array(z.unknown()) }),
    rationale: text,
    implementation: z.string().describe('File name of the code'),
    code: text,
    requirements: text,
    pythonVersion: text,
  })
  .meta({ id: 'Prior', description: 'A version of a prior' })

export const modelSchema = z
  .object({
    ...forkFields,
    narrative: text,
    inputShape: z.unknown(),
    blocks: z.array(z.unknown()),
    outputHeads: z.array(z.unknown()),
    d_in: z
      .int()
      .nullable()
      .describe('Features per row that callers send; null when the model does not fix it'),
    inputs: brainInputsSchema
      .nullable()
      .describe('What the last brain of this model takes; null before there is one'),
  })
  .meta({ id: 'Model', description: 'A version of a model' })

export const evalSchema = z
  .object({
    ...forkFields,
    task: z.string(),
    dataset: z.record(z.string(), z.unknown()),
    metrics: z.array(z.unknown()),
    baselines: z.array(z.unknown()),
    code: text,
  })
  .meta({ id: 'Eval', description: 'A version of an eval' })

/** An artefact in a list: without what can be long. */
export const artefactSummarySchema = z
  .object({
    id: responseIdSchema,
    slug: z.string(),
    name: z.string(),
    version: z.string().describe('The latest version'),
    versions: z.array(z.string()),
    createdAt: time,
    updatedAt: time.describe('When the latest version was made, UTC'),
  })
  .meta({ id: 'ArtefactSummary', description: 'A prior, model, eval or dataset in a list' })

export type ArtefactSummary = z.infer<typeof artefactSummarySchema>

const listOf = z.array(artefactSummarySchema).describe('By slug')
export const priorListSchema = z.object({ priors: listOf }).meta({ id: 'PriorList' })
export const modelListSchema = z.object({ models: listOf }).meta({ id: 'ModelList' })
export const evalListSchema = z.object({ evals: listOf }).meta({ id: 'EvalList' })
export const datasetListSchema = z.object({ datasets: listOf }).meta({ id: 'StudioDatasetList' })

/** Fields of a new version that differ from the latest; the others stay. */
export const artefactPatchSchema = z
  .looseObject({
    version: z.union([z.string(), z.number()]).nullish().describe('Default: the next patch version'),
  })
  .meta({
    id: 'ArtefactPatch',
    description: 'What the next version has in place of what the latest has',
    examples: [{ description: 'Noise is now sampled' }],
  })

export const forkRequestSchema = z
  .strictObject({
    slug: slugSchema.describe('Of the fork'),
    name: studioNameSchema.nullish().describe('Default: the name of the prior'),
    version: z.string().max(40).nullish().describe('The version to fork; default: the latest'),
    project: handleSchema.nullish().describe('Project of the fork, id or slug; default: that of the prior'),
  })
  .meta({
    id: 'ForkPrior',
    description: 'A new prior that starts as a copy',
    examples: [{ slug: 'my-lines' }],
  })

/** Whether a value says something that a file has to say. */
const isSaid = (value: unknown) =>
  value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)

/**
 * A version as it stands in its YAML file: the published schema's names and order, without what has a file of its own (code,
 * requirements, the rationale) and without fields that say nothing.
 */
export function artefactDocument<K extends ArtefactKind>(
  kind: K,
  spec: ArtefactSpecs[K],
): Record<string, unknown> {
  const { slug: id, name, version, description, citations, extra } = spec as CommonSpec
  const own = OWN_FIELDS[kind](spec)
  const all = Object.entries({ id, name, version, ...own, description, citations, ...extra })
  const required: readonly string[] = REQUIRED[kind]
  const kept = all.filter(([key, value]) => isSaid(value) || required.includes(key) || key in extra)
  return Object.fromEntries(kept)
}

const REQUIRED = {
  prior: ['parameters', 'outputs'],
  model: ['blocks'],
  eval: ['dataset', 'metrics'],
  dataset: [],
} as const satisfies Record<ArtefactKind, string[]>

const OWN_FIELDS: { [K in ArtefactKind]: (spec: ArtefactSpecs[K]) => Record<string, unknown> } = {
  prior: (spec) => ({
    kind: spec.kind,
    parameters: spec.parameters,
    outputs: spec.outputs,
    implementation: spec.implementation,
    python_version: spec.pythonVersion,
  }),
  model: (spec) => ({
    input_shape: spec.inputShape,
    blocks: spec.blocks,
    output_heads: spec.outputHeads,
    d_in: spec.d_in,
    narrative: spec.narrative,
  }),
  eval: (spec) => ({
    task: spec.task,
    dataset: spec.dataset,
    metrics: spec.metrics,
    baselines: spec.baselines,
  }),
  dataset: (spec) => ({
    target: spec.target,
    split_column: spec.splitColumn,
    filename: spec.filename,
    sha256: spec.sha256,
    size_bytes: spec.sizeBytes,
    num_rows: spec.numRows || null,
    columns: spec.columns,
    splits: spec.splits.map(({ name, numRows }) => {
      return { name, path: `${datasetFolder(spec.slug)}/${spec.filename}`, numRows }
    }),
  }),
}
