/** What a server answered, from its own counters. */

const LINE =
  /^posterior_http_request_duration_seconds_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\} (\d+)$/

/** Numbers of answers by operation (`GET /path`) and status. */
export class Answers {
  readonly #counts: ReadonlyMap<string, ReadonlyMap<string, number>>

  constructor(counts: ReadonlyMap<string, ReadonlyMap<string, number>>) {
    this.#counts = counts
  }

  /** Those that came after `before`. */
  since(before: Answers): Answers {
    const rest = [...this.#counts].map(([operation, statuses]) => {
      const left = [...statuses].map(
        ([status, count]) => [status, count - (before.#counts.get(operation)?.get(status) ?? 0)] as const,
      )
      return [operation, new Map(left.filter(([, count]) => count > 0))] as const
    })
    return new Answers(new Map(rest.filter(([, statuses]) => statuses.size > 0)))
  }

  total(): number {
    return [...this.#counts.values()].flatMap((each) => [...each.values()]).reduce((sum, n) => sum + n, 0)
  }

  /** Of these operations, those without any 2xx, but for the ones that are excused. */
  neverSucceeded(operations: readonly string[], excused: readonly string[]): string[] {
    return operations.filter((operation) => {
      const statuses = [...(this.#counts.get(operation)?.keys() ?? [])]
      return !excused.includes(operation) && !statuses.some((status) => status.startsWith('2'))
    })
  }

  /** One line per operation. */
  table(): string {
    const lines = [...this.#counts].map(([operation, statuses]) => {
      const counts = [...statuses].sort().map(([status, count]) => `${status}: ${count}`)
      return `  ${operation.padEnd(44)} ${counts.join(', ')}`
    })
    return lines.sort().join('\n')
  }
}

/** The counters of a server as they stand now. */
export async function countAnswers(url: string): Promise<Answers> {
  const counts = new Map<string, Map<string, number>>()
  for (const line of (await (await fetch(`${url}/metrics`)).text()).split('\n')) {
    const [, method, route, status, count] = LINE.exec(line) ?? []
    if (!method || !route || !status) continue
    const operation = `${method} ${route}`
    counts.set(operation, (counts.get(operation) ?? new Map()).set(status, Number(count)))
  }
  return new Answers(counts)
}

/** The operations of a server's document, with paths as the counters have them. */
export async function operationsOf(url: string): Promise<string[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
}
