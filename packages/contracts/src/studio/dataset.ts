/**
 * Datasets of a project: real tables that evals name by the key `registry:SLUG@VERSION` (pfn-studio section 2.1). A version is
 * one file with its facts; the rows of its splits are told by a column of the file, or dealt.
 */
import { z } from 'zod'
import { type CommonSpec, commonFields, readCommon, report, shownFields } from './artefact-fields.ts'
import { freeTextSchema } from './document-bounds.ts'
import { handleSchema, slugSchema, studioNameSchema, versionSchema } from './ids.ts'
import { projectIdSchema } from './project.ts'

export const DATASET_FORMATS = ['csv', 'parquet'] as const

export type DatasetFormat = (typeof DATASET_FORMATS)[number]

const columnName = z.string().max(1_000)

const columnSchema = z.object({ name: z.string(), type: z.enum(['number', 'string', 'boolean', 'datetime']) })

const splitSchema = z.object({
  name: z.string(),
  path: z.string().describe('The file that holds its rows'),
  numRows: z.int(),
})

/** What was found in the file of a version. */
export interface DatasetFacts {
  numRows: number
  columns: z.output<typeof columnSchema>[]
  splits: { name: string; numRows: number }[]
}

/** A dataset in the form that is stored. What a hand-written file leaves open is found in the table when it is stored. */
export interface DatasetSpec extends CommonSpec, DatasetFacts {
  /** Name of the file beside the document; its ending tells the format. */
  filename: string
  /** Of the file, hex; null while nobody has read it. */
  sha256: string | null
  /** Of the file, in bytes; null while nobody has read it. */
  sizeBytes: number | null
  /** Column that is predicted. */
  target: string
  /** Column that names the split of each row; null when rows are dealt. */
  splitColumn: string | null
}

const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(csv|parquet)$/

const fields = {
  ...commonFields,
  target: columnName.min(1).describe('Column that is predicted'),
  split_column: columnName
    .nullish()
    .describe('Column that names the split of each row, such as train or test'),
  filename: z.string().regex(FILE_NAME, 'must be the name of a .csv or .parquet file').nullish(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .nullish(),
  size_bytes: z.number().nullish(),
  num_rows: z.number().nullish(),
  columns: z.array(z.unknown()).nullish(),
  splits: z.array(z.unknown()).nullish(),
}

/** A dataset as its file says it; the figures in it are for people, for they are counted again where the table is stored. */
export const datasetInputSchema = z
  .looseObject(fields)
  .transform((input, ctx): DatasetSpec => {
    const common = readCommon(input, fields, ctx)
    if (input.split_column != null && input.split_column === input.target)
      report(ctx, ['split_column'], 'is the target; it must be another column')
    return {
      ...common,
      filename: input.filename ?? `${common.slug}.csv`,
      sha256: input.sha256 ?? null,
      target: input.target,
      splitColumn: input.split_column ?? null,
      ...{ sizeBytes: null, numRows: 0, columns: [], splits: [] },
    }
  })
  .meta({
    id: 'DatasetDraft',
    description: 'What the file of a dataset says beside its table',
    examples: [{ id: 'wine', name: 'Wine', version: '1.0.0', target: 'cultivar', filename: 'wine.csv' }],
  })

/** What the file of a version is, by its name. */
export function formatOfFile(filename: string): DatasetFormat {
  return filename.endsWith('.parquet') ? 'parquet' : 'csv'
}

/** `registry:SLUG@VERSION`. */
export function datasetKey({ slug, version }: { slug: string; version: string }): string {
  return `registry:${slug}@${version}`
}

/** The folder of the latest version in the files of a project. */
export function datasetFolder(slug: string): string {
  return `datasets/${slug}`
}

/** What the dataset of an eval refers to. */
export interface DatasetReference {
  /** Slug or id. */
  handle: string
  /** Null: the latest. */
  version: string | null
}

const KEY = /^registry:([^@]+)(?:@(.+))?$/

/**
 * The stored dataset that an eval may mean: `registry:ID@VERSION` as its name or source, or its plain name and version.
 * Undefined for none and for one that is synthetic.
 */
export function datasetReference(dataset: Readonly<Record<string, unknown>>): DatasetReference | undefined {
  const text = (field: string) => {
    const value = dataset[field]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  if (text('kind') === 'synthetic') return undefined
  const version = text('version') ?? null
  const key = KEY.exec(text('name') ?? '') ?? KEY.exec(text('source') ?? '')
  if (key) return { handle: key[1]!, version: key[2] ?? version }
  const name = text('name')
  return name === undefined ? undefined : { handle: name, version }
}

export const datasetSchema = z
  .object({
    ...shownFields,
    key: z.string().describe('How evals name this version: registry:SLUG@VERSION'),
    dir: z.string().describe('Its folder in the files of the project'),
    filename: z.string(),
    format: z.enum(DATASET_FORMATS),
    sha256: z.string().describe('Of the file, hexadecimal'),
    sizeBytes: z.int(),
    numRows: z.int(),
    columns: z.array(columnSchema),
    target: z.string(),
    splitColumn: z.string().nullable(),
    splits: z.array(splitSchema).describe('Rows dealt 3 to 1 as train and test unless a column tells them'),
  })
  .meta({ id: 'StudioDataset', description: 'A version of a dataset' })

export const datasetIdSchema = projectIdSchema.extend({ datasetId: handleSchema })

export const createDatasetQuerySchema = z.object({
  target: columnName.min(1).optional().describe('Column that is predicted; needed unless a form has it'),
  slug: slugSchema.optional().describe('Default: made of the name'),
  name: studioNameSchema.optional().describe('Default: the slug'),
  version: versionSchema.optional().describe('Such as 1.2.0; default 0.1.0'),
  description: freeTextSchema.optional(),
  split_column: columnName
    .optional()
    .describe('Column that names the split of each row; default: rows are dealt 3 to 1 as train and test'),
  format: z.enum(DATASET_FORMATS).optional().describe('Default csv'),
})
