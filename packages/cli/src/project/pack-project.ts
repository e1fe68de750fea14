/** A project folder as the files of an archive: artefacts and runs in their canonical form, texts as they are. */
import { basename } from 'node:path'
import {
  type CheckedProject,
  checkProject,
  findTable,
  type ProjectHead,
  projectFiles,
  type ReadArtefact,
  type TarFile,
  tablePlaces,
  type WholeArtefact,
  wholeArtefacts,
  withOneSpelling,
  writeTar,
} from '@posterior/project'
import { CommandError } from '../command.ts'
import { formatFinding } from './findings.ts'
import { packRuns } from './pack-runs.ts'
import { readFolder } from './read-folder.ts'

export interface PackedProject {
  head: Partial<ProjectHead>
  tar: Buffer
  /** Files of the layout that are not part of it, some with the reason. */
  left: string[]
}

/** Texts that people wrote, taken as they are. */
const TEXTS = [
  /^(README\.md|LICENSE)$/,
  /^initiatives\/[^/]+\.md$/,
  /^literature\/[^/]+\.(md|bib)$/,
  /^blocks\/[^/]+\.(py|ts|js|ya?ml)$/,
]

/** What is in the run files of the archive. */
const RESULTS = /^runs\/[^/]+\.results\.json$/

/**
 * The archive of the project in `folder`, before it is compressed.
 *
 * @throws CommandError that lists what cannot be read
 */
export async function packProject(
  folder: string,
  options: { withBrains: boolean } = { withBrains: false },
): Promise<PackedProject> {
  const given = await readFolder(folder)
  const project = await checkProject(given)
  refuseUnreadable(project)
  const { head, documents } = project
  const texts = given.filter(({ path }) => TEXTS.some((pattern) => pattern.test(path)))
  const artefacts = wholeArtefacts(withOneSpelling(documents))
  const files = projectFiles(
    {
      name: head.name ?? (basename(folder) || 'project'),
      ...{ slug: head.slug, description: head.description ?? '', roadmap: head.roadmap ?? '' },
    },
    artefacts,
  ).map(({ name, text }): TarFile => ({ path: name, bytes: Buffer.from(text) }))
  const runs = await packRuns(folder, project, options)
  const taken = (path: string) => texts.some((text) => text.path === path) || RESULTS.test(path)
  return {
    head,
    tar: writeTar([...files, ...tablesOf(artefacts, documents), ...runs.files, ...texts]),
    left: [...project.left.filter((path) => !taken(path)), ...runs.left],
  }
}

/** The tables of datasets at their places. */
function tablesOf(artefacts: readonly WholeArtefact[], documents: readonly ReadArtefact[]): TarFile[] {
  return tablePlaces(artefacts).flatMap(({ path, spec }) => {
    const own = findTable(documents, spec)
    return own ? [{ path, bytes: own }] : []
  })
}

/** Files that cannot be read cannot be packed; a run that cannot be trained can. */
function refuseUnreadable({ findings, documents, runs }: CheckedProject): void {
  const readable = new Set([...documents, ...runs].map(({ path }) => path))
  const errors = findings.filter(({ severity, path, field }) => {
    return severity === 'error' && (!readable.has(path) || field === 'id')
  })
  if (errors.length === 0) return
  throw new CommandError(
    `The project cannot be packed:\n${errors.map(formatFinding).join('\n')}\n"posterior validate" says everything.`,
  )
}
