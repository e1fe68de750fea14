/** The files of one version in the canonical layout: the same version always gives the same bytes. */
import {
  type ArtefactKind,
  type ArtefactSpec,
  artefactDocument,
  type EvalSpec,
  type PriorSpec,
} from '@posterior/contracts'
import { stringify } from 'yaml'

/** Where a fork comes from; texts, because the source may go. */
export interface ForkSource {
  name: string
  slug: string
  version: string
}

/** A text file; `name` is relative to the folder of the version. */
export interface TextFile {
  name: string
  text: string
}

/** Files of a version: for a prior, in a folder of its own; a model or eval is one file, an eval with code two. */
export function versionFiles(
  kind: ArtefactKind,
  spec: ArtefactSpec,
  forkedFrom: ForkSource | null,
): TextFile[] {
  const fields = artefactDocument(kind, spec as never)

  const document = {
    name: `${documentName(kind, spec.slug)}.yaml`,
    text: yamlOf(forkedFrom ? { ...fields, forked_from: forkedFrom } : fields),
  }
  return [document, ...sideFiles(kind, spec)]
}

/** A document as YAML. */
export function yamlOf(document: Record<string, unknown>): string {
  // Texts are quoted, because plain words such as `no` are values to readers of YAML 1.1.
  return stringify(document, {
    version: '1.2',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    defaultKeyType: 'PLAIN',
    defaultStringType: 'QUOTE_DOUBLE',
    doubleQuotedAsJSON: true,
    blockQuote: false,
  })
}

function documentName(kind: ArtefactKind, slug: string): string {
  return kind === 'prior' || kind === 'dataset' ? kind : slug
}

function sideFiles(kind: ArtefactKind, spec: ArtefactSpec): TextFile[] {
  const file = (name: string, text: string | null) => (text === null ? [] : [{ name, text }])
  if (kind === 'prior') {
    const { implementation, code, rationale, requirements } = spec as PriorSpec
    return [
      ...file(implementation, code),
      ...file('prior.md', rationale),
      ...file('requirements.txt', requirements),
    ]
  }
  return kind === 'eval' ? file(`${spec.slug}.py`, (spec as EvalSpec).code) : []
}
