import type { Finding } from '@posterior/project'

/** `runs/first.yaml:3: error: hyperparams.steps: ...`, as editors and people read it. */
export function formatFinding({ severity, path, line, field, message }: Finding): string {
  const place = line === null ? path : `${path}:${line}`
  const text = message.replaceAll('\n', '\n    ')
  return `${place}: ${severity}: ${field === null ? '' : `${field}: `}${text}`
}
