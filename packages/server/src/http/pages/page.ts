/** The few pages that people see by following a link from a message. They need no script and nothing from elsewhere. */
import type { FastifyReply, FastifyRequest } from 'fastify'

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}
input,button{padding:.5rem;margin:.25rem 0 1rem;border:1px solid #8b949e;border-radius:.375rem}
button{background:#1b1f24;color:#fff;border-color:#1b1f24}
.problem{color:#b3261e}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}input{background:#161b22;color:inherit}}`

/** The code in the address of the page must not travel on: no referrer, no cache, no frame. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Whether the request comes from a browser that shows what it gets. */
export function wantsPage(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html')
}

/** Send a page. `body` is HTML whose texts are escaped. */
export function sendPage(
  reply: FastifyReply,
  page: { status?: number; title: string; body: string },
): FastifyReply {
  const title = escapeHtml(page.title)
  return reply
    .code(page.status ?? 200)
    .headers(HEADERS)
    .type('text/html; charset=utf-8')
    .serializer((text: unknown) => String(text))
    .send(
      `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} - Posterior</title>` +
        `<style>${STYLE}</style></head><body><h1>${title}</h1>${page.body}</body></html>\n`,
    )
}

/** A paragraph of plain text. */
export function paragraph(text: string, className?: string): string {
  return `<p${className ? ` class="${className}"` : ''}>${escapeHtml(text)}</p>`
}

/** Text as HTML, also inside quotes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
