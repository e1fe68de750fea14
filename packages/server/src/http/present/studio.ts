/** Projects, their members and artefacts, and tokens as the routes of the studio show them. */
import {
  type ApiTokenDescription,
  type ArtefactKind,
  type ArtefactSummary,
  type BrainInputs,
  datasetFolder,
  datasetKey,
  formatOfFile,
  type MemberDescription,
  type NoteDescription,
  type ProjectDescription,
  type ProjectSummary,
} from '@posterior/contracts'
import type { TokenRecord } from '../../domain/ports/account-store.ts'
import type { Note } from '../../domain/ports/notes.ts'
import type { Artefact, Member, MemberProject } from '../../domain/ports/studio.ts'
import type { ShownArtefact } from '../../domain/studio/artefacts.ts'
import type { ShownDataset } from '../../domain/studio/datasets/datasets.ts'

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString()

export function summarizeProject({ project, role }: MemberProject): ProjectSummary {
  const { id, slug, name, description, createdAt, updatedAt } = project
  return { id, slug, name, description, role, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
}

export function describeProject(
  found: MemberProject,
  counts: Record<ArtefactKind, number>,
): ProjectDescription {
  return {
    ...summarizeProject(found),
    roadmap: found.project.roadmap,
    counts: { priors: counts.prior, models: counts.model, evals: counts.eval, datasets: counts.dataset },
  }
}

export function describeMember({ accountId, name, email, role, addedAt }: Member): MemberDescription {
  return { accountId, name, email, role, addedAt: isoTime(addedAt) }
}

/** For a list: without the content. */
export function summarizeArtefact({ id, slug, createdAt, versions }: Artefact): ArtefactSummary {
  const latest = versions.at(-1)
  return {
    id,
    slug,
    name: latest?.name ?? slug,
    version: latest?.version ?? '',
    versions: versions.map(({ version }) => version),
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(latest?.createdAt ?? createdAt),
  }
}

/**
 * A version with its content; the schema of the route gives it its type.
 *
 * @param inputs  of a model: what its last brain takes
 */
export function describeArtefact(
  { artefact, version }: ShownArtefact,
  inputs: BrainInputs | null = null,
): Record<string, unknown> {
  return {
    ...version.spec,
    ...(artefact.kind === 'model' && { inputs, ...(inputs?.d_in && { d_in: inputs.d_in }) }),
    id: artefact.id,
    projectId: artefact.projectId,
    slug: artefact.slug,
    versions: artefact.versions.map((each) => each.version),
    forkedFrom: artefact.forkedFrom,
    createdAt: isoTime(version.createdAt),
  }
}

/** A version of a dataset with its facts. */
export function describeDataset({ artefact, version }: ShownDataset) {
  const { spec } = version
  const { slug } = artefact
  const dir = datasetFolder(slug)
  const { sha256, sizeBytes, splits } = spec
  if (sha256 === null || sizeBytes === null) throw new Error(`the dataset ${artefact.id} has no table`)
  return {
    ...spec,
    ...{ sha256, sizeBytes, dir, slug },
    id: artefact.id,
    projectId: artefact.projectId,
    key: datasetKey({ slug, version: version.version }),
    versions: artefact.versions.map((each) => each.version),
    format: formatOfFile(spec.filename),
    splits: splits.map(({ name, numRows }) => ({ name, path: `${dir}/${spec.filename}`, numRows })),
    createdAt: isoTime(version.createdAt),
  }
}

/** For a list: without the text. */
export function summarizeNote({ id, projectId, fields, createdAt, updatedAt }: Note) {
  return { id, projectId, fields, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
}

export function describeNote(note: Note): NoteDescription {
  return { ...summarizeNote(note), text: note.text }
}

/** A token as `/api-tokens` shows it. */
export function describeApiToken({
  id,
  label,
  prefix,
  expiresAt,
  createdAt,
}: TokenRecord): ApiTokenDescription {
  return {
    id,
    name: label,
    prefix,
    scopes: ['pat'],
    expiresAt: expiresAt === null ? null : isoTime(expiresAt),
    createdAt: isoTime(createdAt),
  }
}
