import { expect, it } from 'vitest'
import { Random } from '../random/random.ts'
import { CALENDAR_COLUMNS, writeCalendarRow } from './calendar-rows.ts'
import {
  defaultLags,
  labelledSteps,
  normaliseHistory,
  rowWidthOf,
  type SeriesLayout,
  writeLagRow,
} from './lag-rows.ts'
import { detectSeason } from './season.ts'
import { seasonWave } from './season-wave.ts'
import { wanders } from './unit-root.ts'

function rowAt(z: Float64Array, step: number, layout: SeriesLayout): number[] {
  const out = new Float64Array(rowWidthOf(layout))
  writeLagRow(z, step, layout, out, 0)
  return [...out]
}

function noise(length: number, seed: string): Float64Array {
  const random = Random.fromSeed(seed)
  return Float64Array.from({ length }, () => random.normal())
}

it('writes lags nearest first, the phase of the season and the share of the way', () => {
  const layout = { lags: 3, season: 4, length: 10 }
  const z = Float64Array.of(10, 11, 12, 13, 14, 15)
  const row = rowAt(z, 5, layout)
  expect(row.slice(0, 3)).toEqual([14, 13, 12])
  expect(row[3]).toBeCloseTo(1, 12)
  expect(row[4]).toBeCloseTo(0, 12)
  expect(row[5]).toBe(0.5)
})

it('writes when a step is, the same phase for the same place in the season', () => {
  const row = (step: number, season: number | null) => {
    const out = new Float64Array(CALENDAR_COLUMNS.length)
    writeCalendarRow(step, season, out, 0)
    return [...out]
  }
  expect(row(9, 4)).toEqual([9, 1, 1, expect.closeTo(0), expect.closeTo(0), -1])
  expect(row(1 + 12 * 7, 7).slice(1)).toEqual(row(1, 7).slice(1))
  expect(row(9, null)).toEqual([9, 0, 0, 0, 0, 0])
})

it('gives the same number for a phase that comes again, and 0 for all that is 0', () => {
  for (const season of [4, 7, 12, 52]) {
    const waves = Array.from({ length: 20 * season }, (_, step) => seasonWave(step, season, 2))
    expect(new Set(waves.map(({ sin }) => sin)).size).toBeLessThanOrEqual(season)
    for (const { sin, cos } of waves) {
      for (const value of [sin, cos]) expect(value === 0 || Math.abs(value) > 1e-3).toBe(true)
    }
  }
})

it('says missing where the series has not begun, and 0 for the phase without a season', () => {
  const row = rowAt(Float64Array.of(1, 2), 1, { lags: 3, season: null, length: 4 })
  expect(row).toEqual([1, Number.NaN, Number.NaN, 0, 0, 0.25])
})

it('says before the start what it is told to', () => {
  const row = rowAt(Float64Array.of(1, 2), 1, { lags: 2, season: null, length: 4, beforeStart: 0 })
  expect(row).toEqual([1, 0, 0, 0, 0.25])
})

it('knows nothing of the step itself or of what follows', () => {
  const layout = { lags: 8, season: 12, length: 72 }
  const z = noise(60, 'leak')
  for (const step of [1, 7, 30, 59]) {
    const other = z.map((value, i) => (i >= step ? value + 1000 : value))
    expect(rowAt(other, step, layout)).toEqual(rowAt(z, step, layout))
  }
})

it('normalises a history by its own values, the missing ones left out', () => {
  const { z, scale } = normaliseHistory(Float64Array.of(2, Number.NaN, 4, 6))
  expect(scale.mean).toBeCloseTo(4, 12)
  expect(scale.scale).toBeCloseTo(Math.sqrt(8 / 3), 12)
  expect([...z]).toEqual([
    expect.closeTo(-Math.sqrt(1.5)),
    Number.NaN,
    expect.closeTo(0),
    expect.closeTo(Math.sqrt(1.5)),
  ])
  expect(normaliseHistory(Float64Array.of(7, 7)).scale).toEqual({ mean: 7, scale: 1 })
})

it('labels the steps that have a value and their lags, or all of a short history', () => {
  const layout = { lags: 2, season: null, length: 9 }
  expect(labelledSteps(Float64Array.of(1, 2, 3, Number.NaN, 5, 6, 7), layout)).toEqual([2, 4, 5, 6])
  expect(labelledSteps(Float64Array.of(1, 2, 3, 4), { ...layout, lags: 8 })).toEqual([1, 2, 3])
})

it('takes a season of lags, from 8 to 24, and never more than a third of the history', () => {
  expect(defaultLags(100, null)).toBe(8)
  expect(defaultLags(100, 12)).toBe(12)
  expect(defaultLags(1000, 365)).toBe(24)
  expect(defaultLags(12, 12)).toBe(4)
})

it.each([4, 7, 12, 24])('finds a season of %i steps under trend, noise and gaps', (season) => {
  const random = noise(200, `season ${season}`)
  const series = Float64Array.from(random, (value, i) =>
    i % 17 === 3 ? Number.NaN : 3 * Math.sin((2 * Math.PI * i) / season) + 0.05 * i + 0.5 * value,
  )
  expect(detectSeason(series)).toBe(season)
})

it('finds no season in noise, in a line, in a constant or in next to nothing', () => {
  for (let seed = 0; seed < 20; seed++) expect(detectSeason(noise(120, `white ${seed}`))).toBeNull()
  expect(detectSeason(Float64Array.from({ length: 60 }, (_, i) => 2 * i))).toBeNull()
  expect(detectSeason(new Float64Array(60).fill(3))).toBeNull()
  expect(detectSeason(Float64Array.of(1, 2, 1, 2))).toBeNull()
})

it('tells series that wander from those that come back to a level, a line or a season', () => {
  const shares = { walk: 0, noise: 0, line: 0, season: 0 }
  for (let seed = 0; seed < 40; seed++) {
    const steps = noise(120, `steps ${seed}`)
    let level = 0
    const walk = steps.map((step) => (level += step))
    const line = steps.map((step, i) => 0.2 * i + step)
    const seasonal = steps.map((step, i) => 5 * Math.sin((2 * Math.PI * i) / 12) + step)
    shares.walk += Number(wanders(walk, null)) / 40
    shares.noise += Number(wanders(steps, null)) / 40
    shares.line += Number(wanders(line, null)) / 40
    shares.season += Number(wanders(seasonal, 12)) / 40
  }
  expect(shares.walk).toBeGreaterThan(0.85)
  expect(shares.noise).toBeLessThan(0.1)
  expect(shares.line).toBeLessThan(0.1)
  expect(shares.season).toBeLessThan(0.1)
})

it('does not call a short or a constant series a wandering one', () => {
  expect(
    wanders(
      Float64Array.from({ length: 20 }, (_, i) => i * i),
      null,
    ),
  ).toBe(false)
  expect(wanders(new Float64Array(80).fill(2), null)).toBe(false)
})
