import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('children die when their parent is killed, even inside a blocking call', async () => {
  const parent = spawn(
    process.execPath,
    [fileURLToPath(new URL('./fixtures/test-parent.ts', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void parent.kill('SIGKILL'))
  const pids: number[] = []
  parent.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const word of text.trim().split('\n')) pids.push(Number(word))
  })
  await vi.waitFor(() => expect(pids).toHaveLength(2), { timeout: 20_000 })
  expect(pids.every(isAlive)).toBe(true)
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 10_000 })
})
