/** Each prior's rule, checked against what its mathematics says of many draws. */
import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { requirePrior } from './catalogue.ts'
import { drawParameters, validateOverrides } from './parameters.ts'
import type { Overrides, Tensor } from './studio-prior.ts'

function draws(slug: string, overrides: Overrides, count: number): Record<string, Tensor>[] {
  const prior = requirePrior(slug)
  validateOverrides(prior, overrides)
  const random = Random.fromSeed('priors', slug)
  return Array.from({ length: count }, () =>
    prior.sample(drawParameters(prior.parameters, overrides, random), random),
  )
}

const value = (sample: Record<string, Tensor>, name: string) => sample[name]!.data[0]!
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length
function sd(values: number[]): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((x) => (x - centre) ** 2)))
}

test('a line has its slope, its intercept and its noise', () => {
  const samples = draws(
    'linear-regression',
    { noise_scale: 0.3, coefficient_range: 2, intercept_range: 1 },
    300,
  )
  const residuals = samples.flatMap((s) =>
    [...s['y']!.data].map((y, i) => y - value(s, 'a_true') * s['X']!.data[i]! - value(s, 'b_true')),
  )
  expect(sd(residuals)).toBeCloseTo(0.3, 2)
  expect(sd(samples.map((s) => value(s, 'a_true')))).toBeCloseTo(2 / Math.sqrt(3), 0.8)
  expect(sd(samples.flatMap((s) => [...s['X']!.data]))).toBeCloseTo(2 / Math.sqrt(3), 1)
})

test('a polynomial is one of its degree', () => {
  for (const s of draws('polynomial-regression', { noise_scale: 0, max_degree: 4, num_points: 40 }, 30)) {
    // Divided differences of a polynomial of degree d vanish from order d + 1 on.
    const degree = value(s, 'degree_true')
    expect(degree).toBeGreaterThanOrEqual(1)
    expect(degree).toBeLessThanOrEqual(4)
    const x = [...s['X']!.data.subarray(0, degree + 2)]
    let differences = [...s['y']!.data.subarray(0, degree + 2)]
    for (let order = 1; order <= degree + 1; order++) {
      differences = differences.slice(1).map((d, i) => (d - differences[i]!) / (x[i + order]! - x[i]!))
    }
    const size = Math.max(
      ...x.map((a, i) => Math.abs(1 / x.reduce((p, b, j) => (i === j ? p : p * (a - b)), 1))),
    )
    expect(Math.abs(differences[0]!) / size).toBeLessThan(1e-9)
  }
})

test('a Gaussian process has its variance, and its correlation falls with distance', () => {
  const overrides = { ls_range: 0.8, var_range: 1.5, noise_scale: 0, num_points: 40 }
  const samples = draws('gp-regression', overrides, 1500)
  expect(mean(samples.map((s) => s['y']!.data[20]! ** 2))).toBeCloseTo(1.5, 0)
  const terms = samples.map((s) => {
    const distance = s['X']!.data[25]! - s['X']!.data[20]!
    return [s['y']!.data[20]! * s['y']!.data[25]!, 1.5 * Math.exp(-(distance ** 2) / (2 * 0.64))] as const
  })
  expect(mean(terms.map(([product]) => product))).toBeCloseTo(mean(terms.map(([, kernel]) => kernel)), 0)
  expect(samples[0]!['X']!.data).toEqual(samples[0]!['X']!.data.slice().sort())
})

test('two moons without noise are two half circles of the radius', () => {
  for (const s of draws('two-moons', { noise_scale: 0, radius: 2, num_points: 61 }, 10)) {
    const [x, labels] = [s['X']!.data, s['labels']!.data]
    expect(labels.reduce((sum, label) => sum + label, 0)).toBe(31)
    // The first moon's circle stands around the origin, which no rotation moves; the other's around (r, 0.5).
    for (let i = 0; i < 61; i++) {
      if (labels[i] === 0) expect(Math.hypot(x[2 * i]!, x[2 * i + 1]!)).toBeCloseTo(2, 9)
    }
    const angles = new Set([...labels].flatMap((label, i) => (label === 1 ? [i] : [])))
    const centre = fitCircle([...angles].map((i) => [x[2 * i]!, x[2 * i + 1]!] as const))
    expect(Math.hypot(...centre)).toBeCloseTo(Math.hypot(2, 0.5), 6)
  }
})

/** Centre of the circle through three of the points. */
function fitCircle(points: (readonly [number, number])[]): [number, number] {
  const [[ax, ay], [bx, by], [cx, cy]] = points as [
    readonly [number, number],
    readonly [number, number],
    readonly [number, number],
  ]
  const d = 2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by))
  const [a, b, c] = [ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy]
  return [
    (a * (by - cy) + b * (cy - ay) + c * (ay - by)) / d,
    (a * (cx - bx) + b * (ax - cx) + c * (bx - ax)) / d,
  ]
}

test('mixture classes are equally large, with the remainder in the last, and as wide as asked', () => {
  for (const s of draws('gaussian-mixture-classification', { num_points: 101, num_classes: 3, dim: 2 }, 5)) {
    const sizes = [0, 1, 2].map((c) => s['labels']!.data.filter((label) => label === c).length)
    expect(sizes).toEqual([33, 33, 35])
  }
  const wide = draws('gaussian-mixture-classification', { num_points: 400, num_classes: 2, dim: 3 }, 40)
  const spreads = wide.flatMap((s) =>
    [0, 1].map((c) => sd([...s['labels']!.data].flatMap((l, i) => (l === c ? [s['X']!.data[3 * i]!] : [])))),
  )
  expect(mean(spreads)).toBeCloseTo(0.8, 1)
})

test('without interactions labels follow the linear part: half of them are 1, and columns tell', () => {
  const samples = draws('logistic-interactions', { interaction_density: 0, dim: 3, num_points: 400 }, 60)
  expect(mean(samples.flatMap((s) => [...s['labels']!.data]))).toBeCloseTo(0.5, 1)
  const gaps = samples.map((s) => {
    const column = (label: number) =>
      mean([...s['labels']!.data].flatMap((l, i) => (l === label ? [s['X']!.data[3 * i]!] : [])))
    return Math.abs(column(1) - column(0))
  })
  expect(mean(gaps)).toBeGreaterThan(0.4)
})

test('a sine wave solves the equation of its frequency', () => {
  for (const s of draws('sine-wave', { noise_scale: 0, omega_range: [1, 2] }, 10)) {
    const [t, y] = [s['t']!.data, s['y']!.data]
    const [a, omega, phi] = ['a_true', 'omega_true', 'phi_true'].map((name) => value(s, name))
    expect(t[t.length - 1]).toBe(10)
    expect(y[17]).toBeCloseTo(a! * Math.sin(omega! * t[17]! + phi!), 9)
    expect(s['X']!.data).toEqual(y)
  }
})

test('an autoregression starts at 0, 0, is stationary, and has the noise asked for', () => {
  const samples = draws('ar2-process', { noise_scale: 0.3 }, 200)
  const noise = samples.flatMap((s) => {
    const y = s['y']!.data
    const [phi1, phi2] = [value(s, 'phi1_true'), value(s, 'phi2_true')]
    expect([y[0], y[1]]).toEqual([0, 0])
    expect(Math.abs(phi2) < 1 && phi1 + phi2 < 1 && phi2 - phi1 < 1).toBe(true)
    return [...y].slice(2).map((v, i) => v - phi1 * y[i + 1]! - phi2 * y[i]!)
  })
  expect(sd(noise)).toBeCloseTo(0.3, 2)
})

test('a season repeats after its period, apart from the trend', () => {
  for (const s of draws('seasonal-trend', { noise_scale: 0, period_range: 10 }, 10)) {
    const y = s['y']!.data
    expect(y[37]! - y[27]!).toBeCloseTo(10 * value(s, 'slope_true'), 9)
  }
})

test('coins have the mean and spread of their Beta distribution', () => {
  const samples = draws('coin-flip', { alpha: 3, beta: 1, num_flips: 100 }, 1500)
  const p = samples.map((s) => value(s, 'p_true'))
  expect(mean(p)).toBeCloseTo(0.75, 1)
  expect(sd(p)).toBeCloseTo(Math.sqrt(3 / 80), 1)
  expect(mean(samples.map((s) => mean([...s['flips']!.data]) - value(s, 'p_true')))).toBeCloseTo(0, 2)
})

test('groups stand around their means, and means around that of all', () => {
  const samples = draws('hierarchical-normal', { num_groups: 8, per_group: 10 }, 300)
  const within = samples.flatMap((s) =>
    [...s['y']!.data].map((y, i) => y - s['mu_g_true']!.data[Math.floor(i / 10)]!),
  )
  expect(sd(within)).toBeCloseTo(0.5, 1)
  const between = samples.flatMap((s) => [...s['mu_g_true']!.data].map((mu) => mu - value(s, 'mu0_true')))
  expect(sd(between)).toBeCloseTo(1, 0.8)
  expect([...samples[0]!['X']!.data.subarray(18, 24)]).toEqual([0, 9, 1, 0, 1, 1])
})

test('causal tables follow acyclic graphs, and a chain has one path through all columns', () => {
  for (const s of draws('linear-scm', { d: 6, edge_prob: 0.5 }, 20))
    expect(isAcyclic(s['A']!.data, 6)).toBe(true)
  for (const s of draws('chain-scm', { d: 6 }, 20)) {
    const a = s['A']!.data
    expect(isAcyclic(a, 6)).toBe(true)
    expect(a.reduce((sum, edge) => sum + edge, 0)).toBe(5)
    for (let k = 0; k < 6; k++)
      expect(a.subarray(6 * k, 6 * k + 6).reduce((sum, e) => sum + e, 0)).toBeLessThan(2)
  }
})

test('a positive chain has effects of one sign between neighbours', () => {
  for (const [monotonicity, sign] of [
    ['positive', 1],
    ['negative', -1],
  ] as const) {
    for (const s of draws('chain-scm', { d: 2, monotonicity, num_points: 300 }, 10)) {
      const x = [...s['X']!.data]
      const product = mean(x.flatMap((_, i) => (i % 2 === 0 ? [x[i]! * x[i + 1]!] : [])))
      expect(Math.sign(product)).toBe(sign)
    }
  }
})

/** Whether columns without causes can be taken away until none is left. */
function isAcyclic(a: Float64Array, d: number): boolean {
  const left = new Set(Array.from({ length: d }, (_, k) => k))
  for (let found = true; found && left.size > 0; ) {
    const free = [...left].find((k) => [...left].every((from) => a[from * d + k] === 0))
    found = free !== undefined
    if (found) left.delete(free!)
  }
  return left.size === 0
}
