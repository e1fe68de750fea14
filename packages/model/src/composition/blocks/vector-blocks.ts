/** Blocks that treat every vector alike, whatever it stands for. */
import { mul, rmsNorm } from '@posterior/graph'
import { defineBlock } from '../block.ts'
import { agreeOnWidth } from '../flow.ts'
import { ACTIVATIONS, activate, affine } from '../layers.ts'
import { DROPOUT, WIDTH } from './common-fields.ts'

/** A plain network on each vector. */
export const mlp = defineBlock({
  type: 'mlp',
  name: 'Network',
  description: 'A plain network on each vector. It adds nothing of its input, so it can change the width.',
  fields: {
    d_in: { ...WIDTH, label: 'Input width' },
    d_hidden: { ...WIDTH, label: 'Hidden width', hint: 'Left out, the input width.' },
    d_out: { ...WIDTH, label: 'Output width', hint: 'Left out, the input width.' },
    n_layers: { label: 'Layers', kind: 'int', default: 2, min: 1, max: 8, step: 1, hint: 'Linear maps.' },
    activation: {
      label: 'Activation',
      kind: 'choice',
      default: 'relu',
      choices: ACTIVATIONS,
      hint: 'Between the linear maps.',
    },
    dropout: DROPOUT,
  },
  takes: ['rows', 'cells', 'columns'],
  layers: ({ n_layers }) => Math.ceil(n_layers / 2),
  memory: () => 8,
  flow: ({ d_in, d_hidden, d_out, n_layers }, input) => {
    const width = agreeOnWidth('d_in', d_in, input)
    if (d_hidden !== null && n_layers === 1) {
      throw new RangeError(`d_hidden is ${d_hidden}, but one layer has no hidden width; leave it out`)
    }
    return { width: d_out ?? width }
  },
  each: (scope, x, { d_hidden, d_out, n_layers, activation }, { input }) => {
    let y = x
    for (let layer = 0; layer < n_layers; layer++) {
      const isLast = layer === n_layers - 1
      const width = isLast ? (d_out ?? input.width) : (d_hidden ?? input.width)
      y = affine(scope, String(layer), y, width)
      if (!isLast) y = activate(activation, y)
    }
    return y
  },
})

/** x / root mean square, with a learned gain. */
export const rmsNormBlock = defineBlock({
  type: 'rms_norm',
  name: 'RMSNorm',
  description: 'Scales each vector to a root mean square of 1, then by a learned gain.',
  citations: ['arXiv:1910.07467'],
  fields: { d_model: WIDTH },
  takes: ['rows', 'cells', 'columns'],
  flow: ({ d_model }, input) => {
    agreeOnWidth('d_model', d_model, input)
    return {}
  },
  each: (scope, x, _, { input }) => mul(rmsNorm(x), scope.weight('gain', [input.width], { kind: 'ones' })),
})
