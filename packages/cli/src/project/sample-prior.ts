/** `posterior sample`: draw from a prior, as JSON or as something to look at. Code of a project runs in a sandbox. */
import { type PriorSpec, slugKey } from '@posterior/contracts'
import {
  CATALOGUE,
  findPrior,
  ModuleSource,
  type PriorSamples,
  requirePrior,
  sampleModule,
  samplePrior,
  samplesDocument,
  type Tensor,
} from '@posterior/prior'
import { alignColumns, toJson } from '../admin/print.ts'
import type { CommandContext, OptionValues } from '../command.ts'
import { openProject } from './open-project.ts'
import { isProject } from './read-folder.ts'
import { readSettings } from './read-settings.ts'

export interface SampleRequest {
  values: OptionValues
  prior: string | undefined
  context: CommandContext
}

/** Rows of the first sample that are shown. */
const SHOWN_ROWS = 5
/** Columns of one output that are shown. */
const SHOWN_COLUMNS = 8

/** Run the command. @returns exit code 0; everything else is thrown */
export async function samplePriorCommand({ values, prior: name, context }: SampleRequest): Promise<number> {
  if (name === undefined) {
    context.stdout.write(listPriors(await ownPriors(values), values['json'] === true))
    return 0
  }
  const samples = await draw(name, values)
  context.stdout.write(values['json'] ? `${JSON.stringify(samplesDocument(samples))}\n` : preview(samples))
  return 0
}

/** The latest versions of the priors of the project, if there is one. */
async function ownPriors(values: OptionValues): Promise<PriorSpec[]> {
  const folder = String(values['dir'] ?? '.')
  if (!('dir' in values) && !(await isProject(folder))) return []
  const { documents } = await openProject(folder)
  return documents
    .filter(({ kind, isEarlier }) => kind === 'prior' && !isEarlier)
    .map(({ spec }) => spec as PriorSpec)
}

/** One of the project goes before one of the catalogue, unless it has no code and only names it. */
async function draw(name: string, values: OptionValues): Promise<PriorSamples> {
  const own = (await ownPriors(values)).find(({ slug }) => slugKey(slug) === slugKey(name))
  const options = { count: Number(values['count'] ?? 9), seed: Number(values['seed'] ?? 42) }
  const set = (values['set'] ?? []) as readonly string[]
  if (!own || (own.code === null && findPrior(own.slug))) {
    const prior = requirePrior(name)
    return samplePrior(prior, { ...options, overrides: readSettings(set, prior.parameters) })
  }
  const source = await ModuleSource.ofPrior(own)
  try {
    const { parameters } = source.module.declaration
    return await sampleModule(source, { ...options, overrides: readSettings(set, parameters) })
  } finally {
    source.close()
  }
}

function listPriors(own: readonly PriorSpec[], asJson: boolean): string {
  const mine = own.map(({ slug, version, name }) => ({ slug, version, category: 'project', name }))
  const catalogue = CATALOGUE.map(({ slug, version, category, name }) => ({ slug, version, category, name }))
  const priors = [...mine, ...catalogue]
  if (asJson) return toJson(priors)
  return alignColumns(priors.map(({ slug, version, category, name }) => [slug, version, category, name]))
}

/** The parameters and single numbers of each sample, and the first rows of the first. */
function preview({ name, version, samples, outputs }: PriorSamples): string {
  const [first] = samples
  const scalars = outputs.filter(({ name: output }) => first?.values[output]?.shape.length === 0)
  const head = ['seed', ...Object.keys(first?.parameters ?? {}), ...scalars.map(({ name: output }) => output)]
  const rows = samples.map(({ seed, parameters, values }) => [
    String(seed),
    ...Object.values(parameters).map(shown),
    ...scalars.map(({ name: output }) => shown(values[output]?.data[0] ?? Number.NaN)),
  ])
  const shapes = outputs.map(({ name: output }) => `${output} ${shapeOf(first?.values[output])}`)
  return [
    `${name} ${version}, ${samples.length} sample${samples.length === 1 ? '' : 's'}`,
    '',
    alignColumns([head, ...rows]),
    `First sample: ${shapes.join(', ')}`,
    '',
    first ? firstRows(first.values) : '',
  ].join('\n')
}

function shapeOf(tensor: Tensor | undefined): string {
  return tensor && tensor.shape.length > 0 ? `(${tensor.shape.join(' x ')})` : '(number)'
}

/** Outputs with one entry per row, side by side. */
function firstRows(values: Readonly<Record<string, Tensor>>): string {
  const arrays = Object.entries(values).filter(([, { shape }]) => shape.length === 1 || shape.length === 2)
  const rowCount = Math.max(0, ...arrays.map(([, { shape }]) => shape[0] ?? 0))
  const columns = arrays
    .filter(([, { shape }]) => shape[0] === rowCount)
    .flatMap(([name, tensor]) => columnsOf(name, tensor))
  const rows = Array.from({ length: Math.min(SHOWN_ROWS, rowCount) }, (_, i) =>
    columns.map(({ at }) => shown(at(i))),
  )
  const more = rowCount > rows.length ? `... ${rowCount - rows.length} more rows\n` : ''
  return `${alignColumns([columns.map(({ label }) => label), ...rows])}${more}`
}

function columnsOf(name: string, { shape, data }: Tensor): { label: string; at: (row: number) => number }[] {
  const width = shape[1] ?? 1
  if (shape.length === 1) return [{ label: name, at: (row) => data[row]! }]
  return Array.from({ length: Math.min(width, SHOWN_COLUMNS) }, (_, j) => ({
    label: `${name}[${j}]`,
    at: (row: number) => data[row * width + j]!,
  }))
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join('..')
  return typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value)
}
