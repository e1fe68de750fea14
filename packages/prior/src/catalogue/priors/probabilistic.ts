/** Inference for its own sake: a coin of unknown bias, groups that share a population. */

import { packFlips } from '../pack/flips.ts'
import { packGroups } from '../pack/groups.ts'
import { definePrior, matrix, scalar, vector } from '../studio-prior.ts'
import { output } from './declarations.ts'

const MOST_GROUPS = 1024

/** Flips of a coin whose probability of heads has a Beta distribution. */
export const coinFlip = definePrior({
  id: 'coin_flip',
  slug: 'coin-flip',
  name: 'Bayesian Coin Flip',
  version: '1.0.0',
  kind: 'tabular',
  category: 'probabilistic',
  task: 'classification',
  inputs: 'flips',
  description: 'Flips of one coin with unknown bias; what will the next flip be?',
  parameters: {
    num_flips: {
      type: 'int',
      range: [10, 200],
      limits: [10, 10_000],
      default: 50,
      description: 'Flips of a task, those seen and those asked for together.',
      isShape: true,
    },
    alpha: {
      type: 'float',
      limits: [0.01, 1e4],
      default: 2,
      description: 'First shape of the Beta distribution.',
    },
    beta: {
      type: 'float',
      limits: [0.01, 1e4],
      default: 2,
      description: 'Second shape of the Beta distribution.',
    },
  },
  outputs: [
    output('flips', 'tensor', '(num_flips, 1)', '1 for heads, 0 for tails.'),
    output('p_true', 'scalar', '()', 'Probability of heads.'),
  ],
  sample({ num_flips: count, alpha, beta }, random) {
    const p = random.beta(alpha, beta)
    const flips = new Float64Array(count).map(() => (random.bool(p) ? 1 : 0))
    return { flips: matrix(flips, 1), p_true: scalar(p) }
  },
  layout: (p) => ({ rows: p.num_flips, features: 1, classes: 2, leastContext: 5 }),
  pack: packFlips,
})

/** Group means around a population mean, values around the group means. */
export const hierarchicalNormal = definePrior({
  id: 'hierarchical_normal',
  slug: 'hierarchical-normal',
  name: 'Hierarchical Normal',
  version: '1.0.0',
  kind: 'tabular',
  category: 'probabilistic',
  task: 'regression',
  inputs: 'groups',
  description: 'Groups whose means come from one population; small groups borrow strength from the others.',
  parameters: {
    num_groups: {
      type: 'int',
      range: [4, 20],
      limits: [2, MOST_GROUPS],
      default: 8,
      description: 'Groups of a task.',
      isShape: true,
    },
    per_group: {
      type: 'int',
      range: [5, 30],
      limits: [2, 1000],
      default: 12,
      description: 'Rows of each group.',
      isShape: true,
    },
    population_std: {
      type: 'float',
      limits: [0, 1e6],
      default: 1,
      description: 'Standard deviation of the group means around the mean of all.',
    },
    group_std: {
      type: 'float',
      limits: [1e-6, 1e6],
      default: 0.5,
      description: 'Standard deviation of the values around their group mean.',
    },
  },
  outputs: [
    output('X', 'tensor', '(num_groups * per_group, 2)', 'Group number, number within the group.'),
    output('y', 'tensor', '(num_groups * per_group)', 'Values.'),
    output('mu0_true', 'scalar', '()', 'Mean of all.'),
    output('mu_g_true', 'tensor', '(num_groups)', 'Means of the groups.'),
  ],
  sample({ num_groups: groups, per_group: size, population_std, group_std }, random) {
    const mu0 = random.normal()
    const means = new Float64Array(groups).map(() => mu0 + population_std * random.normal())
    const x = new Float64Array(groups * size * 2)
    const y = new Float64Array(groups * size)
    for (let i = 0; i < y.length; i++) {
      const group = Math.floor(i / size)
      x[2 * i] = group
      x[2 * i + 1] = i % size
      y[i] = means[group]! + group_std * random.normal()
    }
    return { X: matrix(x, 2), y: vector(y), mu0_true: scalar(mu0), mu_g_true: vector(means) }
  },
  layout: (p) => ({
    rows: p.num_groups * p.per_group,
    features: 1,
    classes: 0,
    leastContext: 5,
  }),
  pack: (sample, options) => packGroups(sample, { ...options, count: options.parameters.num_groups }),
})
