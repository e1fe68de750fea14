/** Names: what files are called, what is there twice, what is cited. */
import { type PriorSpec, parseVersion, slugKey } from '@posterior/contracts'
import type { Check } from './check-project.ts'
import type { ReadArtefact, ReadFiles } from './read-files.ts'

/** @param works keys of the bibliography; null when there is none */
export function checkReferences(
  { documents, runs }: ReadFiles,
  works: ReadonlySet<string> | null,
  check: Check,
): void {
  const seen = new Map<string, string>()
  const once = (key: string, path: string, what: string) => {
    const other = seen.get(key)
    if (other) check.tell('error', path, ['id'], `${what} is in ${other} too`)
    else seen.set(key, path)
  }
  for (const document of documents) {
    const { path, kind, id, spec } = document
    once(`${kind} ${slugKey(spec.slug)} ${spec.version}`, path, `the ${kind} "${spec.slug}" ${spec.version}`)
    if (!document.isEarlier) once(`${kind} ${slugKey(spec.slug)}`, path, `the ${kind} "${spec.slug}"`)
    checkName(check, { path, id, slug: spec.slug, what: kind === 'prior' ? 'folder' : 'file' })
    checkVersionFolder(document, check)
    checkCode(document, check)
    checkCitations(document, works, check)
  }
  for (const { path, id, run } of runs) {
    const { slug } = run.order
    once(`run ${slugKey(slug)}`, path, `the run "${slug}"`)
    checkName(check, { path, id, slug, what: 'file' })
  }
}

function checkName(
  check: Check,
  { path, id, slug, what }: { path: string; id: string; slug: string; what: string },
): void {
  if (id === slug) return
  // The catalogue of the field writes folders with "-" and ids with "_".
  const severity = slugKey(id) === slugKey(slug) ? 'warning' : 'error'
  check.tell(
    severity,
    path,
    ['id'],
    `is "${slug}", and the ${what} is called "${id}"; they should be the same`,
  )
}

function checkVersionFolder({ path, isEarlier, spec }: ReadArtefact, check: Check): void {
  if (!isEarlier) return
  const [, , slug = '', version = ''] = path.split('/')
  if (slugKey(slug) !== slugKey(spec.slug)) {
    check.tell('error', path, ['id'], `is "${spec.slug}", and the file is a version of "${slug}"`)
  }
  if (parseVersion(version)?.join('.') !== spec.version) {
    check.tell('error', path, ['version'], `is ${spec.version}, and the folder is called "${version}"`)
  }
}

function checkCode({ path, kind, spec }: ReadArtefact, check: Check): void {
  if (kind !== 'prior') return
  const { code, implementation } = spec as PriorSpec
  if (code !== null) return
  check.tell(
    'warning',
    path,
    ['implementation'],
    `the file ${implementation} is missing; there is no code to run`,
  )
}

function checkCitations({ path, spec }: ReadArtefact, works: ReadonlySet<string> | null, check: Check): void {
  for (const [i, citation] of spec.citations.entries()) {
    // A description of a work has words; a key has not.
    if (typeof citation !== 'string' || /\s/.test(citation) || works?.has(citation)) continue
    if (works) check.tell('error', path, ['citations', i], `"${citation}" is not in the literature folder`)
    else
      check.tell(
        'warning',
        path,
        ['citations', i],
        `there is no literature/references.bib with "${citation}"`,
      )
  }
}
