import { expect, test } from 'vitest'
import { UNLIMITED } from './limits.ts'
import { RequestRates } from './request-rates.ts'

const START = Date.parse('2026-11-22T12:00:30Z')

function create(rate: { minute: number | null; hour: number | null }) {
  const clock = { time: START, now: () => clock.time }
  const rates = new RequestRates({ rates: { ...UNLIMITED.rates, predict: rate }, clock })
  return { clock, rates }
}

test('a refused request is not counted, so that waiting for the reset is enough', () => {
  const { clock, rates } = create({ minute: 2, hour: 3 })
  rates.count('alice', 'predict')
  rates.count('alice', 'predict')
  for (let i = 0; i < 5; i++)
    expect(() => rates.count('alice', 'predict')).toThrow(/2 predictions .* per minute/)
  clock.time = Date.parse('2026-11-22T12:01:00Z')
  rates.count('alice', 'predict')
  expect(() => rates.count('alice', 'predict')).toThrow(/3 predictions .* per hour/)
})

test('accounts and kinds are counted apart', () => {
  const { rates } = create({ minute: 1, hour: null })
  rates.count('alice', 'predict')
  rates.count('bob', 'predict')
  rates.count('alice', 'fit')
  expect(() => rates.count('alice', 'predict')).toThrow()
})

test('memory holds the accounts of the current window only, and none of a kind without limits', () => {
  const { clock, rates } = create({ minute: 10, hour: null })
  for (let i = 0; i < 1_000; i++) rates.count(`account ${i}`, 'predict')
  for (let i = 0; i < 1_000; i++) rates.count(`account ${i}`, 'fit')
  expect(rates.size).toBe(1_000)
  clock.time += 60_000
  rates.count('alice', 'predict')
  expect(rates.size).toBe(1)
})

test('a clock that is set back opens a window of its own', () => {
  const { clock, rates } = create({ minute: 1, hour: null })
  rates.count('alice', 'predict')
  clock.time -= 3_600_000
  expect(rates.standings('alice', 'predict')).toEqual([
    {
      resource: 'predict_per_minute',
      limit: 1,
      remaining: 1,
      resetAt: Date.parse('2026-11-22T11:01:00Z'),
    },
  ])
})
