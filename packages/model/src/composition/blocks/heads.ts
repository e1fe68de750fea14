/** Heads: from vectors of query rows to answers. A distribution is 255 quantiles of the standardised target. */
import { add, div, exp, log, mul, reshape, sign, softmax, sub, sum, type Tensor } from '@posterior/graph'
import { classVote, voteContext } from '../../blocks/class-vote.ts'
import { quantileHead } from '../../blocks/quantile-head.ts'
import { CLASS_SLOTS, QUANTILES } from '../../config.ts'
import { normalQuantiles } from '../../normal-quantiles.ts'
import { defineBlock } from '../block.ts'
import { agreeOnWidth, type Flow } from '../flow.ts'
import { affine } from '../layers.ts'
import { WIDTH } from './common-fields.ts'

/** What all heads of rows have in common. */
const HEAD = { isHead: true, takes: ['rows'], layers: () => 1 } as const

/** Probability that every class slot keeps, so that the logarithm stays finite. */
const FLOOR = 1e-5
/** Far below any logit. */
const ABSENT = 1e4

/** One number per row, with one spread for all rows. */
export const scalarHead = defineBlock({
  ...HEAD,
  type: 'scalar_head',
  name: 'Number',
  description:
    'One linear map to the expected number. Its spread is one learned number for all rows, as if errors were normal; quantile_head learns the shape.',
  fields: {
    d_model: WIDTH,
    d_out: { label: 'Numbers', kind: 'int', default: 1, min: 1, max: 1, hint: 'Always 1.' },
  },
  gives: 'numbers',
  flow: headFlow,
  query: (scope, x) => {
    const centre = affine(scope, 'weight', x, 1, { kind: 'zeros' })
    const spread = exp(scope.weight('log_spread', [1], { kind: 'zeros' }))
    const shape = x.graph.constant('normal_quantiles', [QUANTILES], normalQuantiles(QUANTILES))
    return add(centre, mul(shape, spread))
  },
})

/** All quantiles of a row, without an assumed shape. */
export const quantileHeadBlock = defineBlock({
  ...HEAD,
  type: 'quantile_head',
  name: 'Distribution',
  description: '255 quantiles per row, so that the answer can have any shape. Trained by the pinball loss.',
  fields: { d_model: WIDTH },
  gives: 'numbers',
  flow: headFlow,
  query: (scope, x) => quantileHead(scope, x),
})

/** Probabilities of fixed buckets. */
export const barDistributionHead = defineBlock({
  ...HEAD,
  type: 'bar_distribution_head',
  name: 'Distribution in bars',
  description:
    'Probabilities of fixed buckets of the standardised target, narrow around 0 and wider up to 8 standard deviations.',
  fields: {
    d_model: WIDTH,
    num_buckets: {
      label: 'Buckets',
      kind: 'int',
      default: 100,
      min: 10,
      max: 500,
      step: 1,
      hint: 'Buckets.',
    },
  },
  gives: 'numbers',
  flow: headFlow,
  query: (scope, x, { num_buckets }) => softmax(affine(scope, 'weight', x, num_buckets)),
})

/** A linear map to classes; those that no labelled row has are left out. */
export const classHead = defineBlock({
  ...HEAD,
  type: 'class_head',
  name: 'Classes',
  description:
    'One linear map to a score per class, among the classes that labelled rows have. class_vote learns faster and does not care which class has which number.',
  fields: { d_model: WIDTH },
  gives: 'classes',
  reads: 'targets',
  flow: headFlow,
  labelled: (_scope, x, _config, { target, keep }) => {
    keep('present', sign(sum(target!, [1])))
    return x
  },
  query: (scope, x, _config, { recall }) => {
    const present = recall('present')
    const absent = reshape(mul(sub(present, 1), ABSENT), [present.shape[0]!, 1, CLASS_SLOTS])
    return logarithm(softmax(add(affine(scope, 'weight', x, CLASS_SLOTS), absent)))
  },
})

/** Labelled rows vote for their classes by attention. */
export const classVoteBlock = defineBlock({
  ...HEAD,
  type: 'class_vote',
  name: 'Vote of classes',
  description:
    'Each row spreads its attention over the labelled rows, and the weights are summed by class. Relabelling the classes relabels the answer.',
  fields: {
    d_model: WIDTH,
    n_heads: {
      label: 'Heads',
      kind: 'int',
      default: 4,
      min: 1,
      max: 16,
      step: 1,
      hint: 'Heads of the vote.',
    },
    head_dim: {
      label: 'Width of a head',
      kind: 'int',
      default: 32,
      min: 1,
      max: 256,
      hint: 'Of keys and queries.',
    },
  },
  reads: 'rows',
  gives: 'classes',
  flow: headFlow,
  labelled: (scope, x, config, { target, keep }) => {
    const { keys, classes } = voteContext(scope, x, target!, sizes(config))
    keep('keys', keys)
    keep('classes', classes)
    return x
  },
  query: (scope, x, config, { recall }) =>
    classVote(scope, x, { keys: recall('keys'), classes: recall('classes') }, sizes(config)),
})

function sizes({ n_heads, head_dim }: { n_heads: number; head_dim: number }) {
  return { voteHeads: n_heads, voteWidth: head_dim }
}

function headFlow({ d_model }: { d_model: number | null }, input: Flow) {
  agreeOnWidth('d_model', d_model, input)
  return { width: 0 }
}

function logarithm(probabilities: Tensor): Tensor {
  return log(div(add(probabilities, FLOOR), 1 + CLASS_SLOTS * FLOOR))
}
