import { Random } from '@posterior/tabular'
import { expect, test } from 'vitest'
import { labelsFromLatents, planClasses } from './classes.ts'
import { cutPoints, drawCategory, findBin, observeCategory, observeNumeric } from './observe.ts'
import { sampleTask } from './sample-task.ts'
import { drawImportances, drawShares } from './weights.ts'

test('cuts split a latent into the wanted shares', () => {
  const latent = Random.fromSeed('cuts').fillNormal(new Float64Array(1000))
  const cuts = cutPoints(latent, Float64Array.of(0.2, 0.5, 0.3))
  const counts = [0, 0, 0]
  for (const value of latent) counts[findBin(cuts, value)]!++
  expect(counts).toEqual([200, 500, 300])
})

test('half of the plans are binary and the rest reach the limit', () => {
  const random = Random.fromSeed('plans')
  const plans = Array.from({ length: 1000 }, () => planClasses(10, random).classes)
  const binary = plans.filter((classes) => classes === 2).length
  expect(binary).toBeGreaterThan(400)
  expect(binary).toBeLessThan(500)
  expect(new Set(plans).size).toBe(9)
  expect(Array.from({ length: 50 }, () => planClasses(2, random).classes)).toEqual(Array(50).fill(2))
})

test('labels without noise are a function of the latents when they are cut or nearest centres', () => {
  for (const method of ['cuts', 'centres'] as const) {
    const random = Random.fromSeed(method)
    const latents = [random.fillNormal(new Float64Array(60))]
    latents[0]![1] = latents[0]![0]!
    const labels = labelsFromLatents(latents, { classes: 3, method, latents: 1 }, { noise: 0, random })
    expect(labels[1]).toBe(labels[0])
    expect(Math.max(...labels)).toBeLessThan(3)
  }
})

test('class frequencies go from balanced to rare', () => {
  const shares = Array.from({ length: 150 }, (_, s) => {
    const shape = {
      task: 'classification',
      train: 200,
      test: 20,
      features: 5,
      stage: 'general',
      maxClasses: 2,
    } as const
    const task = sampleTask(shape, Random.fromSeed('balance', s))
    const ones = task.y.subarray(0, 200).reduce((sum, label) => sum + label, 0) / 200
    return Math.min(ones, 1 - ones)
  }).sort((a, b) => a - b)
  expect(shares[10]).toBeLessThan(0.2)
  expect(shares[75]).toBeGreaterThan(0.25)
  expect(shares[140]).toBeGreaterThan(0.45)
})

test('importances have unit length and shares sum to one above their floor', () => {
  for (let s = 0; s < 50; s++) {
    const random = Random.fromSeed('weights', s)
    const count = random.int(1, 12)
    expect(Math.hypot(...drawImportances(count, random))).toBeCloseTo(1, 12)
    const shares = drawShares(count, random, { concentration: 0.01, floor: 0.1 })
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
    expect(Math.min(...shares)).toBeGreaterThan(0.1 / count / 1.2)
  }
})

test('categories have codes within their levels and numeric views are finite', () => {
  for (let s = 0; s < 100; s++) {
    const random = Random.fromSeed('observe', s)
    const latent = random.fillNormal(new Float64Array(90))
    expect(observeNumeric(latent, random).values.every(Number.isFinite)).toBe(true)
    for (const column of [observeCategory(latent, random), drawCategory(90, random).column]) {
      const most = column.levels || 41
      expect(column.values.every((code) => Number.isInteger(code) && code >= 0 && code < most)).toBe(true)
    }
  }
})
