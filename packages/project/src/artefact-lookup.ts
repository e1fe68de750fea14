/** The artefacts of files, as a run looks for them: by slug, latest version last. */
import { compareVersions, type DatasetSpec, slugKey } from '@posterior/contracts'
import type { ReadArtefact } from './read-files.ts'
import type { ArtefactLookup } from './run-recipe.ts'

/** Look-ups among these documents; `-` and `_` count as the same, and an artefact's id is its slug. */
export function artefactLookup(documents: readonly Pick<ReadArtefact, 'kind' | 'spec'>[]): ArtefactLookup {
  const versionsOf = (kind: string, handle: string) =>
    documents
      .filter((document) => document.kind === kind && slugKey(document.spec.slug) === slugKey(handle))
      .map(({ spec }) => spec)
      .sort((a, b) => compareVersions(a.version, b.version))
  return {
    async find(kind, handle) {
      const versions = versionsOf(kind, handle)
      const slug = versions[0]?.slug
      return slug === undefined ? undefined : { id: `${kind} ${slug}`, slug, versions }
    },
    async content(artefactId, version) {
      const [kind = '', slug = ''] = artefactId.split(' ')
      return versionsOf(kind, slug).find((spec) => spec.version === version)
    },
  }
}

/** The table of a version of a dataset among these documents. */
export function findTable(
  documents: readonly Pick<ReadArtefact, 'kind' | 'spec' | 'table'>[],
  { slug, version }: Pick<DatasetSpec, 'slug' | 'version'>,
): Uint8Array | null {
  const found = documents.find(
    ({ kind, spec }) =>
      kind === 'dataset' && slugKey(spec.slug) === slugKey(slug) && spec.version === version,
  )
  return found?.table ?? null
}
