import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFailed, onTestFinished } from 'vitest'

/** A new empty folder that is removed when the running test ends, and kept and named when it fails. */
export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'posterior-test-'))
  let isKept = false
  onTestFailed(() => {
    isKept = true
    console.error(`kept for inspection: ${path}`)
  })
  onTestFinished(() => {
    if (!isKept) rmSync(path, { recursive: true, force: true })
  })
  return path
}
