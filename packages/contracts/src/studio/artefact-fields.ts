/** What priors, models, evals and datasets have in common, and how their files and requests are read: leniently, into one form. */
import { z } from 'zod'
import { responseIdSchema } from '../tabpfn/ids.ts'
import { findUnstorable, freeTextSchema } from './document-bounds.ts'
import { slugOf, slugSchema, studioNameSchema, versionSchema } from './ids.ts'

export const ARTEFACT_KINDS = ['prior', 'model', 'eval', 'dataset'] as const

/** What an artefact is. */
export type ArtefactKind = (typeof ARTEFACT_KINDS)[number]

/** The version of an artefact that does not say one. */
export const FIRST_VERSION = '0.1.0'

/** Citations are keys of the bibliography, or descriptions of works. */
const citation = z.union([freeTextSchema, z.looseObject({})])

/** Fields that every artefact may have, as they come. `null` and absent mean the same. */
export const commonFields = {
  id: z.string().max(200).nullish().describe('Read as `slug` where that is missing'),
  slug: slugSchema.nullish().describe('Default: `id`, else made of the name'),
  name: studioNameSchema.nullish().describe('Default: the slug'),
  version: versionSchema.nullish().describe(`Such as 1.2.0; default ${FIRST_VERSION}`),
  description: freeTextSchema.nullish(),
  citations: z.array(citation).nullish(),
  extra: z.looseObject({}).nullish().describe('Fields that have no meaning here and are kept'),
}

/** What every artefact has, in the form that is stored. */
export interface CommonSpec {
  slug: string
  name: string
  version: string
  description: string | null
  citations: (string | Record<string, unknown>)[]
  /** Fields without a meaning here, as they came. */
  extra: Record<string, unknown>
}

type CommonInput = {
  [K in keyof typeof commonFields]?: z.output<(typeof commonFields)[K]> | undefined
}

/** Answered with an artefact, and not part of what is stored when an answer is sent back. */
const SERVER_FIELDS = [
  'projectId',
  'versions',
  'forkedFrom',
  'forked_from',
  'createdAt',
  'updatedAt',
  'bytes',
]

/** Where a machine of the hosted studio kept something: it says nothing to others and must not be published. */
const MACHINE_FIELDS = [
  ...['checkpoint_dir', 'checkpointDir', 'localPath', 'local_path', 'runner_id', 'remote_host_name'],
  ...['remote_workspace', 'remote_ssh_endpoint', 'vast_instance_id'],
]

/** Whether a field says where a machine kept something, so that it is no part of what is published. */
export function isMachineField(name: string): boolean {
  return MACHINE_FIELDS.includes(name)
}

/** Fields that are not kept, at the top of a document or in its `extra`. */
const DROPPED: ReadonlySet<string> = new Set([...SERVER_FIELDS, ...MACHINE_FIELDS])

/**
 * The common fields in the stored form; problems are reported on `ctx`.
 *
 * @param known fields that have a meaning; the others become `extra`
 */
export function readCommon(
  input: CommonInput & Record<string, unknown>,
  known: Readonly<Record<string, unknown>>,
  ctx: z.RefinementCtx,
): CommonSpec {
  const unstorable = findUnstorable(input)
  if (unstorable) report(ctx, unstorable.path, unstorable.message)
  const others = Object.entries(input).filter(([key]) => !Object.hasOwn(known, key))
  const given = Object.entries(input.extra ?? {})
  for (const [key] of given) {
    if (Object.hasOwn(known, key))
      report(ctx, ['extra', key], 'is a field of its own; set it outside of "extra"')
  }
  const extra = [...given, ...others].filter(([key]) => !DROPPED.has(key))
  const slug = input.slug ?? readId(input.id, ctx) ?? slugOf(input.name ?? '')
  if (slug === undefined) report(ctx, ['slug'], 'is missing; give a slug, or a name to make one of')
  return {
    slug: slug ?? '',
    name: input.name ?? slug ?? '',
    version: input.version ?? FIRST_VERSION,
    description: input.description ?? null,
    citations: input.citations ?? [],
    extra: Object.fromEntries(extra),
  }
}

/** What every version that is shown says. */
export const shownFields = {
  id: responseIdSchema,
  projectId: responseIdSchema,
  slug: z.string(),
  name: z.string(),
  version: z.string().describe('The version that is shown'),
  versions: z.array(z.string()).describe('All versions, oldest first'),
  description: z.string().nullable(),
  citations: z.array(z.unknown()),
  extra: z.record(z.string(), z.unknown()).describe('Fields that have no meaning here, as they came'),
  createdAt: z.iso.datetime().describe('When this version was made, UTC'),
}

/** Say on `ctx` what is wrong with a field. */
export function report(ctx: z.RefinementCtx, path: string[], message: string): void {
  ctx.addIssue({ code: 'custom', path, message })
}

function readId(id: string | null | undefined, ctx: z.RefinementCtx): string | undefined {
  if (id == null) return undefined
  const { data, error } = slugSchema.safeParse(id)
  if (error) report(ctx, ['id'], error.issues[0]?.message ?? 'is not valid')
  return data
}
