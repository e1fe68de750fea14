/** Run files: which brain to train (pfn-studio section 8). They are read leniently and written in one form. */
import {
  createRunSchema,
  isMachineField,
  type RunOrder,
  type RunResults,
  type RunStatus,
} from '@posterior/contracts'
import { z } from 'zod'
import type { PinnedReference, RunOverrides } from './run-recipe.ts'

/** What a run file says. */
export interface RunFile {
  /** What to train. */
  order: RunOrder & { slug: string }
  /** Where the hosted studio would have trained it, such as `local` or `vast`; null when it does not say. */
  target: string | null
  /** What came of it, without what tells of a machine; null when it does not say. */
  results: Record<string, unknown> | null
}

const record = z.record(z.string(), z.unknown())

/** A run as people and the hosted studio write it: `slug` for `id`, references by slug alone, whatever else stands beside. */
export const runFileSchema = z.looseObject({}).transform((file, ctx): RunFile => {
  const { data, error } = createRunSchema.safeParse(orderOf(file))
  for (const issue of error?.issues ?? []) ctx.addIssue({ ...issue } as never)
  if (!data) return z.NEVER
  if (!data.slug) {
    ctx.addIssue({ code: 'custom', path: ['id'], message: 'is missing' })
    return z.NEVER
  }
  const target = record.safeParse(file['compute']).data?.['target']
  const results = record.safeParse(file['results']).data
  return {
    order: { ...data, slug: data.slug },
    target: typeof target === 'string' ? target : null,
    results: results ? withoutMachine(results) : null,
  }
})

function orderOf(file: Record<string, unknown>): Record<string, unknown> {
  const { id, slug, description, prior, model, evals, hyperparams } = file
  const seconds = record.safeParse(file['compute']).data?.['max_seconds']
  const order = {
    slug: slug ?? id,
    description,
    prior: referenceOf(prior),
    model: referenceOf(model),
    evals: Array.isArray(evals) ? evals.map(referenceOf) : evals,
    hyperparams,
    // The studio writes 0 for none.
    compute: typeof seconds === 'number' && seconds > 0 ? { max_seconds: seconds } : null,
  }
  return Object.fromEntries(Object.entries(order).filter(([, value]) => value != null))
}

/** Of a reference to something, what says what it is. */
function referenceOf(given: unknown): unknown {
  const fields = record.safeParse(given).data
  if (!fields) return given
  const { id, slug, version, overrides } = fields
  const kept = Object.entries({ id: id ?? slug, version, overrides }).filter(([, value]) => value != null)
  return Object.fromEntries(kept)
}

function withoutMachine(results: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(results).filter(([key]) => !isMachineField(key)))
}

/** What a run file is written from: a run of a server or of a folder. */
export interface RunToWrite {
  slug: string
  description?: string | null | undefined
  prior: Omit<PinnedReference, 'id'> & { overrides: RunOverrides }
  model: Omit<PinnedReference, 'id'>
  evals: readonly Omit<PinnedReference, 'id'>[]
  hyperparams: object
  /** Time of training after which it ends. */
  maxSeconds?: number | null | undefined
  results?: (Partial<RunResults> & { status?: RunStatus }) | Record<string, unknown> | null | undefined
}

/** A run as it stands in its file, with the published schema's names and order. */
export function runDocument(run: RunToWrite): Record<string, unknown> {
  const { slug: id, description, prior, model, evals, hyperparams, maxSeconds, results } = run
  const { overrides } = prior
  const said = Object.entries(hyperparams).filter(([, value]) => value != null)
  return {
    id,
    ...(description != null && { description }),
    prior: { ...pinned(prior), ...(Object.keys(overrides).length > 0 && { overrides }) },
    model: pinned(model),
    evals: evals.map(pinned),
    hyperparams: Object.fromEntries(said),
    ...(maxSeconds != null && { compute: { max_seconds: maxSeconds } }),
    ...(results && { results: withoutMachine(results as Record<string, unknown>) }),
  }
}

/** A run file as it would be written: with what it says, in the published form. */
export function runFileDocument({ order, results }: RunFile): Record<string, unknown> {
  const named = (given: RunOrder['prior'] | NonNullable<RunOrder['model']>) => {
    if (typeof given === 'string') return { slug: given, version: null }
    return { slug: given.id ?? given.slug ?? '', version: given.version ?? null }
  }
  const overrides = typeof order.prior === 'string' ? {} : (order.prior.overrides ?? {})
  return runDocument({
    slug: order.slug,
    description: order.description,
    prior: { ...named(order.prior), overrides },
    model: named(order.model ?? 'quick'),
    evals: (order.evals ?? []).map(named),
    hyperparams: order.hyperparams ?? {},
    maxSeconds: order.compute?.max_seconds,
    results,
  })
}

function pinned({ slug, version }: Omit<PinnedReference, 'id'>): Record<string, unknown> {
  return { id: slug, ...(version !== null && { version }) }
}
