/** Files of a project that are for people: the bibliography and the initiatives. */
import type { TarFile } from './archive/tar-writer.ts'
import type { Check } from './check-project.ts'
import { issuesOf } from './issues.ts'
import { ProjectError } from './project-error.ts'
import { PUBLISHED_FORMS } from './published-forms.ts'
import { readDocument } from './read-yaml.ts'

const BIBLIOGRAPHY = 'literature/references.bib'

/** Keys that can be cited: entries of the bibliography and names of summaries; null when there is neither. */
export function citedWorks(files: readonly TarFile[]): ReadonlySet<string> | null {
  const texts = files.filter(({ path }) => path.startsWith('literature/'))
  if (texts.length === 0) return null
  const keys = new Set<string>()
  for (const { path, bytes } of texts) {
    const summary = /^literature\/([^/]+)\.md$/.exec(path)?.[1]
    if (summary) keys.add(summary)
    if (path !== BIBLIOGRAPHY) continue
    for (const [, key] of new TextDecoder().decode(bytes).matchAll(/@\w+\s*\{\s*([^\s,{}]+)\s*,/g))
      keys.add(key!)
  }
  return keys
}

/** Compare the heads of initiatives with the published schema. */
export function checkInitiatives(files: readonly TarFile[], check: Check): void {
  for (const { path, bytes } of files) {
    const name = /^initiatives\/([^/]+)\.md$/.exec(path)?.[1]
    if (name === undefined) continue
    const head = /^---\r?\n(.*?)\r?\n---/s.exec(new TextDecoder().decode(bytes))?.[1]
    const tell = (line: number | null, field: string | null, message: string) =>
      check.add({ severity: 'warning', path, line, field, message })
    if (head === undefined) {
      tell(1, null, 'does not begin with fields between lines of "---"')
      continue
    }
    try {
      const { value, lineOf } = readDocument(head, path)
      const { data, error } = PUBLISHED_FORMS.initiative.safeParse(value ?? {})
      for (const { path: field, message } of error ? issuesOf(error) : []) {
        // Lines are counted from the line of "---".
        tell(lineOf(field) + 1, field.join('.') || null, message)
      }
      if (data && data.id !== name) {
        tell(lineOf(['id']) + 1, 'id', `is "${data.id}", and the file is called "${name}"`)
      }
    } catch (error) {
      if (!(error instanceof ProjectError)) throw error
      tell(error.place?.line ? error.place.line + 1 : null, null, error.reason)
    }
  }
}
