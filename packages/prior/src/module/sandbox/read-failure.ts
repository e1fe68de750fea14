/** From what the sandbox's engine says of an error to what a module's owner is told. */

import type { Failure } from './protocol.ts'

/** The parts of an error that the engine gives. */
export interface EngineError {
  readonly name: string
  readonly message: string
  readonly stack: string
}

/** Words for what a module reaches for and cannot have. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^(fetch|XMLHttpRequest|WebSocket|EventSource|net|http|https)$/, 'a prior has no network'],
  [
    /^(require|module|exports|fs|Deno|Bun|Buffer|__dirname|__filename)$/,
    'a prior has no files and no other modules',
  ],
  [/^(process|env|global|window|self|navigator|document)$/, 'a prior sees nothing of the machine it runs on'],
  [/^(Date|performance|Temporal)$/, 'a prior has no clock: the same seed gives the same sample at any time'],
  [
    /^(setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)$/,
    'a prior has no timers: a sample is drawn at once',
  ],
  [
    /^(crypto|Worker|SharedArrayBuffer|Atomics|WebAssembly|WeakRef|FinalizationRegistry)$/,
    'a prior does not have it',
  ],
]

/** @param file name of the module's file, whose frames of the stack say where it was */
export function readFailure(
  kind: Failure['kind'],
  { name, message, stack }: EngineError,
  file: string,
): Failure {
  const words = kind === 'thrown' || kind === 'syntax' ? withHint(name, message) : message
  return { kind, message: words, ...placeIn(stack, file), logs: [] }
}

function withHint(name: string, message: string): string {
  const missing = /^(\S+) is not defined$/.exec(message)?.[1] ?? ''
  const hint = HINTS.find(([names]) => names.test(missing))?.[1]
  const told = name === '' || message.startsWith(`${name}:`) ? message : `${name}: ${message}`
  return hint ? `${told} (${hint})` : told
}

/** The innermost frame that is in the module's own source. */
function placeIn(stack: string, file: string): { line?: number; column?: number } {
  for (const frame of stack.split('\n')) {
    const found = /^\s*at .*?([^\s(]+):(\d+):(\d+)\)?$/.exec(frame)
    if (found?.[1] === file) return { line: Number(found[2]), column: Number(found[3]) }
  }
  return {}
}
