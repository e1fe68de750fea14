/** Classification: two moons, Gaussian mixtures, logistic models with interactions. */

import { packClassification } from '../pack/rows.ts'
import { definePrior, matrix, vector } from '../studio-prior.ts'
import { noiseScale, output, rowCount } from './declarations.ts'

/** Labelled rows for each class, at least, when a task is split. */
const CONTEXT_PER_CLASS = 3

/** Two half circles that reach into each other, turned by a random angle. */
export const twoMoons = definePrior({
  id: 'two_moons',
  slug: 'two-moons',
  name: 'Two-Moons Classification',
  version: '1.0.0',
  kind: 'tabular',
  category: 'classification',
  task: 'classification',
  inputs: 'rows',
  description: 'Two interleaved half circles under a random rotation, with noise.',
  parameters: {
    num_points: rowCount(100, [60, 200]),
    noise_scale: noiseScale(0.15, [0.05, 0.3]),
    radius: { type: 'float', limits: [1e-6, 1e6], default: 1, description: 'Radius of both half circles.' },
  },
  outputs: [
    output('X', 'tensor', '(num_points, 2)', 'Points of the plane.'),
    output('labels', 'tensor', '(num_points)', '0 or 1: which moon.'),
  ],
  sample({ num_points: n, noise_scale: noise, radius }, random) {
    const first = Math.floor(n / 2)
    const angles = new Float64Array(n).map(() => random.uniform(0, Math.PI))
    const turn = random.uniform(0, 2 * Math.PI)
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
    const points = Array.from(angles, (t, i) => {
      const [x, y] =
        i < first
          ? [radius * Math.cos(t), radius * Math.sin(t)]
          : [radius - radius * Math.cos(t), 0.5 - radius * Math.sin(t)]
      return [x * cos - y * sin + noise * random.normal(), x * sin + y * cos + noise * random.normal()]
    })
    const order = random.permutation(n)
    return {
      X: matrix(Float64Array.from([...order].flatMap((row) => points[row]!)), 2),
      labels: vector(Float64Array.from(order, (row) => (row < first ? 0 : 1))),
    }
  },
  layout: (p) => ({ rows: p.num_points, features: 2, classes: 2, leastContext: 2 * CONTEXT_PER_CLASS }),
  pack: (sample, options) => packClassification(sample, { ...options, classes: 2 }),
})

/** Round Gaussian clusters, one for each class. */
export const gaussianMixture = definePrior({
  id: 'gaussian_mixture_cls',
  slug: 'gaussian-mixture-classification',
  name: 'Gaussian-Mixture Classification',
  version: '1.0.0',
  kind: 'tabular',
  category: 'classification',
  task: 'classification',
  inputs: 'rows',
  description: 'Each class is a round Gaussian cluster of the same width around a random mean.',
  parameters: {
    num_points: rowCount(200, [80, 400]),
    num_classes: {
      type: 'int',
      range: [2, 5],
      limits: [2, 16],
      default: 2,
      description: 'Classes, each with the same number of rows.',
      isShape: true,
    },
    dim: {
      type: 'int',
      range: [2, 16],
      limits: [1, 256],
      default: 4,
      description: 'Columns.',
      isShape: true,
    },
    cluster_std: {
      type: 'float',
      limits: [1e-6, 1e6],
      default: 0.8,
      description: 'Standard deviation of a cluster in every direction.',
    },
    separation: {
      type: 'float',
      limits: [0, 1e6],
      default: 3,
      description: 'Means are uniform from minus this to this in every column.',
    },
  },
  outputs: [
    output('X', 'tensor', '(num_points, dim)', 'Points.'),
    output('labels', 'tensor', '(num_points)', 'Class index.'),
  ],
  sample({ num_points: n, num_classes: classes, dim, cluster_std: spread, separation }, random) {
    const means = new Float64Array(classes * dim).map(() => random.uniform(-separation, separation))
    const perClass = Math.floor(n / classes)
    const order = random.permutation(n)
    const x = new Float64Array(n * dim)
    const labels = Float64Array.from(order, (row) => Math.min(classes - 1, Math.floor(row / perClass)))
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < dim; j++) x[i * dim + j] = means[labels[i]! * dim + j]! + spread * random.normal()
    }
    return { X: matrix(x, dim), labels: vector(labels) }
  },
  layout: (p) => ({
    rows: p.num_points,
    features: p.dim,
    classes: p.num_classes,
    leastContext: p.num_classes * CONTEXT_PER_CLASS,
  }),
  pack: (sample, options) =>
    packClassification(sample, { ...options, classes: options.parameters.num_classes }),
})

/** Labels from a logistic model with some pairwise interactions. */
export const logisticInteractions = definePrior({
  id: 'logistic_interactions',
  slug: 'logistic-interactions',
  name: 'Logistic w/ Feature Interactions',
  version: '1.0.0',
  kind: 'tabular',
  category: 'classification',
  task: 'classification',
  inputs: 'rows',
  description:
    'Two classes from a logistic model on normal inputs, with a random share of pairwise products.',
  parameters: {
    num_points: rowCount(200, [100, 400]),
    dim: { type: 'int', range: [3, 12], limits: [1, 64], default: 6, description: 'Columns.', isShape: true },
    interaction_density: {
      type: 'float',
      range: [0, 0.5],
      limits: [0, 1],
      default: 0.2,
      description: 'Probability that a pair of columns has a product term.',
    },
    w_scale: {
      type: 'float',
      limits: [0, 1e6],
      default: 1,
      description: 'Standard deviation of all weights.',
    },
  },
  outputs: [
    output('X', 'tensor', '(num_points, dim)', 'Standard normal inputs.'),
    output('labels', 'tensor', '(num_points)', '0 or 1.'),
  ],
  sample({ num_points: n, dim, interaction_density: density, w_scale: scale }, random) {
    const linear = new Float64Array(dim).map(() => scale * random.normal())
    const pairs = new Float64Array(dim * dim)
    for (let i = 0; i < dim; i++) {
      for (let j = i + 1; j < dim; j++) {
        if (random.bool(density)) pairs[i * dim + j] = scale * random.normal()
      }
    }
    const x = random.fillNormal(new Float64Array(n * dim))
    const labels = new Float64Array(n)
    for (let row = 0; row < n; row++) {
      const values = x.subarray(row * dim, (row + 1) * dim)
      let logit = 0
      for (let i = 0; i < dim; i++) {
        logit += linear[i]! * values[i]!
        for (let j = i + 1; j < dim; j++) logit += pairs[i * dim + j]! * values[i]! * values[j]!
      }
      labels[row] = random.bool(1 / (1 + Math.exp(-logit))) ? 1 : 0
    }
    return { X: matrix(x, dim), labels: vector(labels) }
  },
  layout: (p) => ({ rows: p.num_points, features: p.dim, classes: 2, leastContext: 4 * CONTEXT_PER_CLASS }),
  pack: (sample, options) => packClassification(sample, { ...options, classes: 2 }),
})
