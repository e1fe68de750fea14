import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Progress } from './progress.ts'

function capture(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY })
  return { progress: new Progress(stream), text: () => String(stream.read() ?? '') }
}

test('nothing is drawn when stderr is not a terminal, but notes are printed', () => {
  const { progress, text } = capture(false)
  progress.step('reading')
  progress.update(0.5, 'half')
  progress.note('a note')
  progress.stop()
  expect(text()).toBe('a note\n')
})

test('on a terminal the line is drawn and taken away again', () => {
  const { progress, text } = capture(true)
  progress.step('reading')
  expect(text()).toContain('reading (0 s)')
  progress.stop()
  expect(text()).toBe('\r\x1b[2K')
})

test('a known length shows as a bar', () => {
  const { progress, text } = capture(true)
  progress.update(0.5, 'training')
  progress.stop()
  expect(text()).toContain(`${'█'.repeat(12)}${'░'.repeat(12)}  50 % training`)
})
