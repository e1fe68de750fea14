import { describe, expect, test } from 'vitest'
import { Random } from '../random/random.ts'
import type { NumericColumn } from '../table/numeric-table.ts'
import { type ChannelState, cellChannels, fitChannels } from './cell-channels.ts'

function column(values: number[], categorical = false): NumericColumn {
  return { name: 'c', values: Float64Array.from(values), categorical }
}

/** The channel `k` of column `j` for every row. */
function channel(out: Float32Array, width: number, j: number, k: number): number[] {
  const rows = out.length / (4 * width)
  return Array.from({ length: rows }, (_, i) => out[(i * width + j) * 4 + k]!)
}

const soft = (z: number) => Math.fround(5 * Math.tanh(z / 5))

describe('standard channels', () => {
  test('z, rank, missing and categorical follow the definition on a worked example', () => {
    // Mean 2.5, population variance 1.25.
    const x = [column([1, 2, Number.NaN, 3, 4])]
    const out = cellChannels(fitChannels(x), x)
    const sd = Math.sqrt(1.25)
    expect(channel(out, 1, 0, 0)).toEqual([
      soft(-1.5 / sd),
      soft(-0.5 / sd),
      0,
      soft(0.5 / sd),
      soft(1.5 / sd),
    ])
    expect(channel(out, 1, 0, 1)).toEqual([0.125, 0.375, 0.5, 0.625, 0.875])
    expect(channel(out, 1, 0, 2)).toEqual([0, 0, 1, 0, 0])
    expect(channel(out, 1, 0, 3)).toEqual([0, 0, 0, 0, 0])
  })

  test('tied values share their mid-rank', () => {
    const x = [column([5, 5, 5, 9])]
    expect(channel(cellChannels(fitChannels(x), x), 1, 0, 1)).toEqual([0.375, 0.375, 0.375, 0.875])
  })

  test('a value between two training values gets a rank between theirs, one outside gets 0 or 1', () => {
    const state = fitChannels([column([0, 10])])
    expect(channel(cellChannels(state, [column([-1, 0, 2.5, 10, 11])]), 1, 0, 1)).toEqual([
      0, 0.25, 0.375, 0.75, 1,
    ])
  })

  test('a categorical column is flagged and its codes are treated as numbers', () => {
    const x = [column([0, 1, 1, 2], true)]
    const out = cellChannels(fitChannels(x), x)
    expect(channel(out, 1, 0, 3)).toEqual([1, 1, 1, 1])
    expect(channel(out, 1, 0, 1)).toEqual([0.125, 0.5, 0.5, 0.875])
  })

  test('statistics come from the leading fit rows alone', () => {
    const state = fitChannels([column([1, 2, 3, 4, 1000])], { fitRows: 4 })
    expect(state).toEqual(fitChannels([column([1, 2, 3, 4])]))
  })
})

describe('degenerate columns', () => {
  test('a constant column has z 0 and rank one half', () => {
    const x = [column([5, 5, 5])]
    const state = fitChannels(x)
    expect(channel(cellChannels(state, x), 1, 0, 0)).toEqual([0, 0, 0])
    expect(channel(cellChannels(state, x), 1, 0, 1)).toEqual([0.5, 0.5, 0.5])
    expect(channel(cellChannels(state, [column([9])]), 1, 0, 0)).toEqual([0])
  })

  test('a column without any training value gives z 0 and rank one half to whatever comes', () => {
    const state = fitChannels([column([Number.NaN, Number.NaN])])
    expect(Array.from(cellChannels(state, [column([7, Number.NaN])]))).toEqual([0, 0.5, 0, 0, 0, 0.5, 1, 0])
  })

  test('infinite values stay out of mean and spread, and get the limit and the outer ranks', () => {
    const x = [column([-Infinity, 1, 2, 3, Infinity])]
    const out = cellChannels(fitChannels(x), x)
    const sd = Math.sqrt(2 / 3)
    expect(channel(out, 1, 0, 0)).toEqual([-5, soft(-1 / sd), 0, soft(1 / sd), 5])
    expect(channel(out, 1, 0, 1)).toEqual([0.1, 0.3, 0.5, 0.7, 0.9].map(Math.fround))
  })

  test('one wild value among many does not flatten the rest', () => {
    const rng = Random.fromSeed('outlier')
    const clean = Array.from({ length: 200 }, () => rng.normal())
    const wild = cellChannels(fitChannels([column([...clean, 1e12])]), [column([...clean, 1e12])])
    const tame = cellChannels(fitChannels([column(clean)]), [column(clean)])
    for (let i = 0; i < 200; i++) expect(wild[i * 4]).toBeCloseTo(tame[i * 4]!, 6)
    expect(wild[200 * 4]).toBe(5)
  })

  test('a rare indicator keeps its spread although its ones lie beyond four deviations', () => {
    const x = [column([...new Array(99).fill(0), 1])]
    const z = channel(cellChannels(fitChannels(x), x), 1, 0, 0)
    expect(z[99]).toBeGreaterThan(4)
    expect(z[0]).toBeLessThan(0)
  })

  test.each([
    ['the whole number range', [-1.7e308, -1e308, 0, 1e308, 1.7e308]],
    ['values too small to square', [1e-200, 2e-200, 3e-200, 4e-200, 5e-200]],
    ['neighbouring denormals', [5e-324, 1e-323, 1.5e-323, 2e-323, 2.5e-323]],
    ['a large offset', [1e15, 1e15 + 1, 1e15 + 2, 1e15 + 3, 1e15 + 4]],
  ])('%s gives finite, increasing z and rank', (_name, values) => {
    const x = [column(values)]
    for (const variant of ['standard', 'quantile'] as const) {
      const out = cellChannels(fitChannels(x, { variant }), x)
      for (const k of [0, 1]) {
        const got = channel(out, 1, 0, k)
        expect(got.every(Number.isFinite)).toBe(true)
        for (let i = 1; i < 5; i++) expect(got[i]).toBeGreaterThan(got[i - 1]!)
      }
    }
  })

  test('no rows and no columns give an empty result', () => {
    expect(cellChannels(fitChannels([]), [])).toHaveLength(0)
    expect(cellChannels(fitChannels([column([])]), [column([])])).toHaveLength(0)
  })
})

describe('the quantile variant', () => {
  test('z is the standardised normal score of the rank, whatever the scale of the values', () => {
    const skewed = [0, 1, 2, 3, 4, 5, 6].map((k) => 10 ** k)
    const even = [1, 2, 3, 4, 5, 6, 7]
    const a = cellChannels(fitChannels([column(skewed)], { variant: 'quantile' }), [column(skewed)])
    const b = cellChannels(fitChannels([column(even)], { variant: 'quantile' }), [column(even)])
    expect(a).toEqual(b)
    const z = channel(a, 1, 0, 0)
    expect(z[3]).toBeCloseTo(0, 6)
    expect(z[0]).toBeCloseTo(-z[6]!, 5)
  })

  test('a value beyond the training values stays finite and outermost', () => {
    const x = column([1, 2, 3, 4])
    const z = channel(
      cellChannels(fitChannels([x], { variant: 'quantile' }), [column([-Infinity, 1, 4, 1e9])]),
      1,
      0,
      0,
    )
    expect(z[0]).toBeLessThan(z[1]!)
    expect(z[3]).toBeGreaterThan(z[2]!)
    expect(Math.abs(z[3]!)).toBeLessThan(5)
  })
})

describe('many rows', () => {
  test('more than 1,024 distinct values keep every rank within 1/1,024 of the exact one', () => {
    const rng = Random.fromSeed('knots')
    const values = Array.from({ length: 20_000 }, () => {
      const u = rng.uniform()
      // A third of the rows at 0, a heavy value in mid-range, the rest continuous with a long tail.
      return u < 0.33 ? 0 : u < 0.4 ? 1.5 : rng.normal() ** 3
    })
    const x = [column(values)]
    const state = fitChannels(x)
    expect(state.columns[0]!.knots.length).toBeLessThan(4200)
    const got = channel(cellChannels(state, x), 1, 0, 1)
    const sorted = Float64Array.from(values).sort()
    let worst = 0
    for (let i = 0; i < values.length; i++) {
      const below = lowerBound(sorted, values[i]!)
      let above = below
      while (sorted[above] === values[i]) above++
      worst = Math.max(worst, Math.abs(got[i]! - (below + above) / 2 / values.length))
    }
    expect(worst).toBeLessThan(1 / 1024)
  })
})

function lowerBound(sorted: Float64Array, x: number): number {
  let lo = 0
  let hi = sorted.length
  while (lo < hi) {
    const mid = (lo + hi) >> 1
    if (sorted[mid]! < x) lo = mid + 1
    else hi = mid
  }
  return lo
}

describe('layout and state', () => {
  const a = column([1, 2, 3])
  const b = column([0, 1, 0], true)

  test('the order option permutes or picks columns', () => {
    const state = fitChannels([a, b])
    const plain = cellChannels(state, [a, b])
    const swapped = cellChannels(state, [a, b], { order: [1, 0] })
    for (let k = 0; k < 4; k++) {
      expect(channel(swapped, 2, 0, k)).toEqual(channel(plain, 2, 1, k))
      expect(channel(swapped, 2, 1, k)).toEqual(channel(plain, 2, 0, k))
    }
    expect(cellChannels(state, [a, b], { order: [1] })).toHaveLength(12)
  })

  test('writing into a given array leaves what stands before the offset', () => {
    const state = fitChannels([a])
    const out = new Float32Array(4 + 12).fill(7)
    expect(cellChannels(state, [a], { out, offset: 4 })).toBe(out)
    expect(Array.from(out.subarray(0, 4))).toEqual([7, 7, 7, 7])
    expect(out.subarray(4)).toEqual(cellChannels(state, [a]))
    expect(() => cellChannels(state, [a], { out, offset: 5 })).toThrow(RangeError)
  })

  test('a category permutation is part of the state and acts at fit and at transform', () => {
    const permuted = fitChannels([b], { categoryPermutations: [[1, 0]] })
    const byHand = column([1, 0, 1], true)
    expect(cellChannels(permuted, [b])).toEqual(cellChannels(fitChannels([byHand]), [byHand]))
  })

  test('a state survives a JSON round trip exactly', () => {
    const x = [column([-0, 0.1 + 0.2, Number.NaN, Infinity]), column([0, 1, 0, 1], true)]
    for (const variant of ['standard', 'quantile'] as const) {
      const state = fitChannels(x, { variant, categoryPermutations: [null, [1, 0]] })
      const back = JSON.parse(JSON.stringify(state)) as ChannelState
      expect(back).toStrictEqual(state)
      expect(cellChannels(back, x)).toEqual(cellChannels(state, x))
    }
  })

  test('another number of columns is refused', () => {
    expect(() => cellChannels(fitChannels([a]), [a, b])).toThrowError(
      expect.objectContaining({ code: 'wrong_columns' }),
    )
  })

  test('permuting the training rows changes nothing', () => {
    const rng = Random.fromSeed('rows')
    const values = Array.from({ length: 50 }, () => Math.round(rng.normal() * 5))
    const shuffled = rng.shuffle([...values])
    const query = [column(values)]
    const one = cellChannels(fitChannels([column(values)]), query)
    const two = cellChannels(fitChannels([column(shuffled)]), query)
    expect(two).toEqual(one)
  })
})
