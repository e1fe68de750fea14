import { ERRORS, type ErrorCode, errorEntry } from './catalogue.ts'

/** The reference page of all errors, as Markdown; each code is a heading, so `#not_found` links to its text. */
export function renderErrorReference(): string {
  const codes = Object.keys(ERRORS) as ErrorCode[]
  const lines = [
    '# Errors',
    '',
    'Every answer that is not a success has the same body:',
    '',
    '```json',
    '{',
    '  "message": "what went wrong and what to do",',
    '  "error_code": "NOT_FOUND",',
    '  "trace_id": "6f1c1f0e-4a52-4d0b-8a0e-0c3f5f6f2b57",',
    '  "detail": "same text as message",',
    '  "code": "error.not_found",',
    '  "retryable": false,',
    '  "support": "link to the section below",',
    '  "errors": [{ "field": "task", "message": "filled for status 422 when a field is to blame" }]',
    '}',
    '```',
    '',
    'A fit that takes longer than two seconds answers 200 at once and sends whitespace until it ends. When it then',
    'fails, the body is the same object with `"_streamed_error": true` and the status in `status_code`.',
    '',
    '| error_code | Status | code | Retryable |',
    '| --- | --- | --- | --- |',
    ...codes.map((code) => {
      const { status, family, retryable } = errorEntry(code)
      return `| [${code}](#${code.toLowerCase()}) | ${status} | ${family} | ${retryable ? 'yes' : 'no'} |`
    }),
    '',
  ]
  for (const code of codes) lines.push(`## ${code}`, '', errorEntry(code).meaning, '')
  return `${lines.join('\n').trimEnd()}\n`
}
