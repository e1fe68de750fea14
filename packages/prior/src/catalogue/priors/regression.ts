/** Regression: straight lines, polynomials, Gaussian processes. */

import { choleskyFactor } from '../../linear-algebra/cholesky.ts'
import { packRegression } from '../pack/rows.ts'
import { definePrior, matrix, scalar, vector } from '../studio-prior.ts'
import { noiseScale, output, rowCount } from './declarations.ts'

const LEAST_CONTEXT = 5

/** y = a x + b + noise. */
export const linearRegression = definePrior({
  id: 'linear_regression',
  slug: 'linear-regression',
  name: 'Linear Regression',
  version: '1.0.0',
  kind: 'tabular',
  category: 'regression',
  task: 'regression',
  inputs: 'rows',
  description: 'Straight lines with random slope and intercept, seen with Gaussian noise.',
  parameters: {
    num_points: rowCount(100, [50, 200]),
    coefficient_range: {
      type: 'float',
      range: [0.5, 2],
      limits: [0, 1e6],
      default: 2,
      description: 'The slope is uniform between minus this and this.',
    },
    intercept_range: {
      type: 'float',
      range: [0, 1],
      limits: [0, 1e6],
      default: 1,
      description: 'The intercept is uniform between minus this and this.',
    },
    noise_scale: noiseScale(0.1, [0.05, 0.5]),
  },
  outputs: [
    output('X', 'tensor', '(num_points, 1)', 'Inputs, uniform from -2 to 2.'),
    output('y', 'tensor', '(num_points)', 'Targets.'),
    output('a_true', 'scalar', '()', 'Slope.'),
    output('b_true', 'scalar', '()', 'Intercept.'),
  ],
  sample(p, random) {
    const a = random.uniform(-p.coefficient_range, p.coefficient_range)
    const b = random.uniform(-p.intercept_range, p.intercept_range)
    const x = new Float64Array(p.num_points).map(() => random.uniform(-2, 2))
    const y = x.map((value) => a * value + b + p.noise_scale * random.normal())
    return { X: matrix(x, 1), y: vector(y), a_true: scalar(a), b_true: scalar(b) }
  },
  layout: (p) => ({ rows: p.num_points, features: 1, classes: 0, leastContext: LEAST_CONTEXT }),
  pack: packRegression,
})

/** y = sum of c_k x^k + noise, of a random degree. */
export const polynomialRegression = definePrior({
  id: 'polynomial_regression',
  slug: 'polynomial-regression',
  name: 'Polynomial Regression',
  version: '1.0.0',
  kind: 'tabular',
  category: 'regression',
  task: 'regression',
  inputs: 'rows',
  description: 'Polynomials of a random degree with normal coefficients, seen with Gaussian noise.',
  parameters: {
    num_points: rowCount(100, [50, 200]),
    max_degree: {
      type: 'int',
      range: [1, 6],
      limits: [0, 12],
      default: 3,
      description: 'The degree is uniform from 1 to this (0 gives constants).',
    },
    noise_scale: noiseScale(0.2, [0.05, 0.5]),
    coef_scale: {
      type: 'float',
      limits: [0, 1e6],
      default: 1,
      description: 'Standard deviation of the coefficients.',
    },
  },
  outputs: [
    output('X', 'tensor', '(num_points, 1)', 'Inputs, uniform from -1.5 to 1.5.'),
    output('y', 'tensor', '(num_points)', 'Targets.'),
    output('degree_true', 'scalar', '()', 'Degree of the polynomial.'),
  ],
  sample(p, random) {
    const degree = p.max_degree < 1 ? 0 : random.int(1, p.max_degree + 1)
    const coefficients = new Float64Array(degree + 1).map(() => p.coef_scale * random.normal())
    const x = new Float64Array(p.num_points).map(() => random.uniform(-1.5, 1.5))
    const y = x.map((value) => {
      const signal = coefficients.reduceRight((sum, coefficient) => sum * value + coefficient, 0)
      return signal + p.noise_scale * random.normal()
    })
    return { X: matrix(x, 1), y: vector(y), degree_true: scalar(degree) }
  },
  layout: (p) => ({ rows: p.num_points, features: 1, classes: 0, leastContext: LEAST_CONTEXT }),
  pack: packRegression,
})

/** A draw of a Gaussian process with a squared exponential kernel, seen with noise. */
export const gpRegression = definePrior({
  id: 'gp_regression',
  slug: 'gp-regression',
  name: 'GP Regression (RBF)',
  version: '1.0.0',
  kind: 'tabular',
  category: 'regression',
  task: 'regression',
  inputs: 'rows',
  description: 'Smooth functions of one input from a Gaussian process with random length scale and variance.',
  parameters: {
    // Its cost grows with the third power.
    num_points: rowCount(80, [40, 120], 500),
    noise_scale: noiseScale(0.1, [0.05, 0.3]),
    ls_range: {
      type: 'interval',
      limits: [0.01, 100],
      default: [0.2, 1.5],
      description: 'The length scale is uniform in here.',
    },
    var_range: {
      type: 'interval',
      limits: [1e-6, 1e6],
      default: [0.5, 2],
      description: 'The variance of the function is uniform in here.',
    },
  },
  outputs: [
    output('X', 'tensor', '(num_points, 1)', 'Inputs from -3 to 3, in increasing order.'),
    output('y', 'tensor', '(num_points)', 'Targets.'),
    output('ls_true', 'scalar', '()', 'Length scale.'),
    output('var_true', 'scalar', '()', 'Variance.'),
  ],
  sample(p, random) {
    const length = random.uniform(...p.ls_range)
    const variance = random.uniform(...p.var_range)
    const x = new Float64Array(p.num_points).map(() => random.uniform(-3, 3)).sort()
    const n = x.length
    const covariance = new Float64Array(n * n)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        covariance[i * n + j] = variance * Math.exp(-((x[i]! - x[j]!) ** 2) / (2 * length * length))
      }
      covariance[i * n + i]! += 1e-6
    }
    const factor = choleskyFactor(covariance, n)
    const normals = random.fillNormal(new Float64Array(n))
    const y = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) y[i]! += factor[i * n + j]! * normals[j]!
      y[i]! += p.noise_scale * random.normal()
    }
    return { X: matrix(x, 1), y: vector(y), ls_true: scalar(length), var_true: scalar(variance) }
  },
  layout: (p) => ({ rows: p.num_points, features: 1, classes: 0, leastContext: LEAST_CONTEXT }),
  pack: packRegression,
})
