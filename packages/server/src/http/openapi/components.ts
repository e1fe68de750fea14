/**
 * The converter names each schema twice, `X` for answers and `XInput` for requests, and emits both whether or not a route
 * uses them. Here what is not used goes, and `XInput` becomes `X` where no answer has an `X` of its own.
 */
import type { ApiDocument } from './api-document.ts'

const PREFIX = '#/components/schemas/'
const INPUT = 'Input'

/** The document with only the schemas that it refers to, under their shortest names, sorted by name. */
export function tidyComponents(document: ApiDocument): ApiDocument {
  const { schemas, ...components } = document.components
  const used = new Set<string>()
  const visit = (value: unknown) => {
    for (const name of references(value)) {
      if (used.has(name)) continue
      used.add(name)
      visit(schemas[name])
    }
  }
  visit(document.paths)
  const names = new Map([...used].map((name) => [name, shortName(name, used, schemas)]))
  const kept = [...used].sort().map((name) => [names.get(name), schemas[name]])
  return rename(
    { ...document, components: { ...components, schemas: Object.fromEntries(kept) } },
    names,
  ) as ApiDocument
}

/** `X` for `XInput` unless an answer has an `X` that differs. */
function shortName(name: string, used: ReadonlySet<string>, schemas: Record<string, unknown>): string {
  if (!name.endsWith(INPUT)) return name
  const short = name.slice(0, -INPUT.length)
  const isSame = JSON.stringify(schemas[short]) === JSON.stringify(schemas[name])
  return used.has(short) && !isSame ? name : short
}

function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string' && child.startsWith(PREFIX))
      yield child.slice(PREFIX.length)
    else yield* references(child)
  }
}

function rename(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((child) => rename(child, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      if (key !== '$ref' || typeof child !== 'string') return [key, rename(child, names)]
      const name = child.slice(PREFIX.length)
      return [key, `${PREFIX}${names.get(name) ?? name}`]
    }),
  )
}
