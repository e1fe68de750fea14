import { expect, test } from 'vitest'
import { AttemptLimiter } from './attempt-limiter.ts'

let now = 0
const clock = { now: () => now }
const limiter = () => {
  now = 1_000_000
  return new AttemptLimiter({ attempts: 2, windowMs: 60_000 }, clock)
}

test('refuses more attempts than allowed in a window and says when to come back', () => {
  const limits = limiter()
  limits.take('a')
  now += 20_000
  limits.take('a')
  expect(() => limits.take('a')).toThrow('Try again in 40 seconds')
  limits.take('b')
  now += 40_000
  expect(() => limits.take('a')).not.toThrow()
})

test('an attempt that is given back can be made again', () => {
  const limits = limiter()
  limits.take('a')
  limits.take('a')
  expect(limits.tryTake('a')).toBe(false)
  limits.giveBack('a')
  expect(limits.tryTake('a')).toBe(true)
  limits.giveBack('never taken')
  expect(limits.tryTake('never taken')).toBe(true)
})
