/**
 * The published schemas of the files (pfn-studio section 8) to the letter, with the tasks that its own projects use. What
 * does not fit is read all the same, and named, so that the file can be written in the one form that every program reads.
 */
import { PARAMETER_TYPES, PRIOR_KINDS, PRIOR_OUTPUT_TYPES } from '@posterior/contracts'
import { z } from 'zod'

const id = z.string().regex(/^[a-z0-9_-]+$/, 'may hold lower-case letters, digits, "_" and "-" alone')
const version = z.string({ error: 'should be a text of three numbers, such as "1.0.0"' })
const semver = version.regex(/^\d+\.\d+\.\d+$/, 'should be three numbers, such as 1.0.0')
const text = z.string()
const citations = z.array(z.string('should be a key of literature/references.bib')).optional()

const common = { id, name: text, version: semver, description: text.optional(), citations }

/** Fields that were renamed, and what they are called in files. */
const RENAMED = {
  slug: 'id',
  inputShape: 'input_shape',
  outputHeads: 'output_heads',
  pythonVersion: 'python_version',
} as const

const prior = z.looseObject({
  ...common,
  kind: z.enum(PRIOR_KINDS),
  parameters: z.record(
    z.string(),
    z.looseObject({
      type: z.enum(PARAMETER_TYPES),
      range: z.tuple([z.number(), z.number()]).optional(),
      choices: z.array(z.unknown()).optional(),
      description: text.optional(),
    }),
  ),
  outputs: z.looseObject(
    {
      variables: z.array(
        z.looseObject({ name: text, type: z.enum(PRIOR_OUTPUT_TYPES), shape: text.optional() }),
      ),
    },
    'should be an object with "variables"',
  ),
})

const model = z.looseObject({
  ...common,
  blocks: z.array(z.looseObject({ type: text, name: text.optional(), config: z.looseObject({}).optional() })),
  output_heads: z.array(z.looseObject({ name: text, task: text })).optional(),
})

const TASKS = ['discovery', 'estimation', 'rca', 'forecast', 'classification', 'custom'] as const
const MORE_TASKS = ['regression', 'time_series', 'cate'] as const

const evaluation = z.looseObject({
  ...common,
  task: z.enum([...TASKS, ...MORE_TASKS]),
  dataset: z.looseObject(
    {
      name: text,
      source: text.optional(),
      split: z.enum(['train', 'val', 'test', 'full']).optional(),
    },
    'should be an object with a "name"',
  ),
  metrics: z
    .array(
      z.looseObject(
        { name: text, higher_is_better: z.boolean().optional(), description: text.optional() },
        'should be an object with a "name"',
      ),
    )
    .min(1, 'names no metric'),
  baselines: z.array(z.looseObject({ name: text, score: z.number().optional() })).optional(),
})

/** Ours: the field has datasets in a registry alone. */
const dataset = z.looseObject({ ...common, target: text, split_column: text.optional() })

const pinned = z.looseObject({ id, version: semver }, 'should be an object with "id" and "version"')

/** Sizes of brains have no versions. */
const modelReference = z.looseObject(
  { id, version: semver.optional() },
  'should be an object with "id" and "version"',
)

const TARGETS = ['local', 'vast', 'modal', 'runpod', 'hf_spaces', 'custom'] as const

const run = z.looseObject({
  id,
  prior: pinned,
  model: modelReference,
  evals: z.array(pinned).min(1, 'names no eval'),
  hyperparams: z.looseObject({}),
  compute: z
    .looseObject({ target: z.enum(TARGETS).optional(), num_gpus: z.int().min(1).optional() })
    .optional(),
})

const initiative = z.looseObject({
  id: z.string().regex(/^[0-9]{4}-[a-z0-9-]+$/, 'should be four digits and words, such as 0001-first-brain'),
  title: text,
  status: z.enum(['proposed', 'in_progress', 'blocked', 'done', 'abandoned']),
  version_target: z.string().regex(/^v\d+\.\d+$/, 'should be such as v0.1'),
})

/** By kind of document. */
export const PUBLISHED_FORMS = { prior, model, eval: evaluation, dataset, run, initiative } as const

/** Names in `fields` that are read, and what a file should call them. */
export function renamedFields(fields: Readonly<Record<string, unknown>>): { from: string; to: string }[] {
  return Object.entries(RENAMED)
    .filter(([from, to]) => fields[from] != null && fields[to] == null)
    .map(([from, to]) => ({ from, to }))
}
