/**
 * Where the files of a project are in an archive. The latest versions are where every program of the field looks for them
 * (`priors/ID/prior.yaml`, `models/ID.yaml`, `evals/ID.yaml`, and `datasets/ID/dataset.yaml` beside its table), earlier ones in folders of their own under `versions/`.
 */
import {
  type ArtefactKind,
  type ArtefactSpec,
  compareVersions,
  type DatasetSpec,
  slugKey,
} from '@posterior/contracts'
import { type ForkSource, type TextFile, versionFiles, yamlOf } from './canonical-files.ts'

export const PROJECT_FILE = 'project.yaml'
export const ROADMAP_FILE = 'ROADMAP.md'

/** Folders of the kinds. */
export const FOLDERS = { prior: 'priors', model: 'models', eval: 'evals', dataset: 'datasets' } as const

/** An artefact with the contents of its versions, oldest first. */
export interface WholeArtefact {
  artefact: { kind: ArtefactKind; forkedFrom: ForkSource | null }
  specs: readonly ArtefactSpec[]
}

/** What the files say of the project itself. */
export interface ProjectHead {
  name: string
  slug: string
  description: string
  /** Markdown. */
  roadmap: string
}

/** Every file of a project; nothing in them tells of this server or its accounts. */
export function projectFiles(
  head: Omit<ProjectHead, 'slug'> & { slug?: string | undefined },
  artefacts: readonly WholeArtefact[],
): TextFile[] {
  const { name, slug, description, roadmap } = head
  const files = [
    { name: PROJECT_FILE, text: yamlOf({ name, ...(slug !== undefined && { slug }), description }) },
  ]
  if (roadmap !== '') files.push({ name: ROADMAP_FILE, text: roadmap })
  for (const { artefact, specs } of artefacts) {
    for (const [i, spec] of specs.entries()) {
      const isLatest = i === specs.length - 1
      files.push(...placed(artefact.kind, spec, { isLatest, forkedFrom: artefact.forkedFrom }))
    }
  }
  return files
}

/** Versions gathered by artefact, each in rising order; the fork source is that of the latest. */
export function wholeArtefacts(
  versions: readonly { kind: ArtefactKind; spec: ArtefactSpec; forkedFrom: ForkSource | null }[],
): WholeArtefact[] {
  const groups = new Map<string, (typeof versions)[number][]>()
  for (const version of versions) {
    const key = `${version.kind} ${slugKey(version.spec.slug)}`
    groups.set(key, [...(groups.get(key) ?? []), version])
  }
  return [...groups.values()].map((group) => {
    const sorted = group.toSorted((a, b) => compareVersions(a.spec.version, b.spec.version))
    const { kind, forkedFrom } = sorted.at(-1)!
    return { artefact: { kind, forkedFrom }, specs: sorted.map(({ spec }) => spec) }
  })
}

function placed(
  kind: ArtefactKind,
  spec: ArtefactSpec,
  { isLatest, forkedFrom }: { isLatest: boolean; forkedFrom: ForkSource | null },
): TextFile[] {
  const folder = folderOf(kind, spec, isLatest)
  const files = versionFiles(kind, spec, forkedFrom)
  return files.map(({ name, text }) => ({ name: `${folder}/${name}`, text }))
}

function folderOf(kind: ArtefactKind, { slug, version }: ArtefactSpec, isLatest: boolean): string {
  if (!isLatest) return `versions/${FOLDERS[kind]}/${slug}/${version}`
  return kind === 'prior' || kind === 'dataset' ? `${FOLDERS[kind]}/${slug}` : FOLDERS[kind]
}

/** Where the tables of datasets are, beside their documents. */
export function tablePlaces(artefacts: readonly WholeArtefact[]): { path: string; spec: DatasetSpec }[] {
  return artefacts
    .filter(({ artefact }) => artefact.kind === 'dataset')
    .flatMap(({ specs }) =>
      (specs as readonly DatasetSpec[]).map((spec, i) => {
        const folder = folderOf('dataset', spec, i === specs.length - 1)
        return { path: `${folder}/${spec.filename}`, spec }
      }),
    )
}
