/**
 * Entry point of a sandbox's process. It is started without an environment and with Node's permission model, which leaves
 * it the right to read its own program and nothing else: what breaks out of the engine finds itself there.
 */

import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { GuestFailure, GuestVm } from './guest-vm.ts'
import type { FromSandbox, ToSandbox } from './protocol.ts'
import { readSource, SourceError } from './read-source.ts'

/** Programs that run in the engine before a module does. */
const LIBRARY = ['./guest-random.ts', './guest-library.ts']

let guest: GuestVm | undefined

async function handle(message: ToSandbox): Promise<void> {
  if (message.type === 'load') {
    const { file } = message.module
    const source = readSource(message.module)
    const wasm = new Uint8Array(readFileSync(fileURLToPath(import.meta.resolve('quickjs-wasi/quickjs.wasm'))))
    const library = LIBRARY.map((name) =>
      stripTypeScriptTypes(readFileSync(new URL(name, import.meta.url), 'utf8')),
    )
    const loaded = await GuestVm.load(wasm, { library, source, file, limits: message.limits })
    guest = loaded.guest
    return send({ type: 'loaded', declaration: loaded.declaration })
  }
  for (const request of message.requests) {
    send({ type: 'drawn', sample: await guest!.draw(request) })
    // Lets what was sent leave.
    await nextTurn()
  }
}

function send(message: FromSandbox): void {
  if (process.connected) process.send!(message)
}

function report(error: unknown): void {
  if (error instanceof GuestFailure || error instanceof SourceError) {
    const isLost = error instanceof GuestFailure && error.isEngineLost
    send({ type: 'failed', failure: error.failure, isLost })
  } else {
    send({ type: 'broken', message: (error as Error).stack ?? String(error) })
  }
}

process.on('message', (message: ToSandbox) => {
  handle(message).catch(report)
})
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {})
