import type { ArtefactLookup } from '@posterior/project'
import type { ArtefactStore } from '../../ports/studio.ts'

/** The artefacts of one project. */
export function lookupIn(artefacts: ArtefactStore, projectId: string): ArtefactLookup {
  return {
    find: (kind, handle) => artefacts.find(projectId, kind, handle),
    content: (id, version) => artefacts.content(id, version),
  }
}
