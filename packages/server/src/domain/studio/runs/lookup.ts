import type { ArtefactLookup } from '@posterior/project'
import type { Run } from '../../ports/runs.ts'
import type { ArtefactStore } from '../../ports/studio.ts'

/** The artefacts of one project. */
export function lookupIn(artefacts: ArtefactStore, projectId: string): ArtefactLookup {
  return {
    find: (kind, handle) => artefacts.find(projectId, kind, handle),
    content: (id, version) => artefacts.content(id, version),
  }
}

/** The same, as it was for a run: names that meant what comes with the server still mean that. */
export function lookupOfRun(
  lookup: ArtefactLookup,
  { prior, model }: Pick<Run, 'prior' | 'model'>,
): ArtefactLookup {
  const given = { prior, model }
  return {
    ...lookup,
    find: async (kind, handle) => {
      const was = kind === 'prior' || kind === 'model' ? given[kind] : undefined
      return was?.id === null && was.slug === handle ? undefined : lookup.find(kind, handle)
    },
  }
}
