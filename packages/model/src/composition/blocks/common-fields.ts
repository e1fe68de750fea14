/** Fields that several blocks share. */

/** The width of vectors; left out, that of the block before. */
export const WIDTH = {
  label: 'Width',
  kind: 'int',
  default: null,
  min: 1,
  max: 1024,
  step: 1,
  hint: 'Numbers in a vector; left out, those that come.',
} as const

export const HEADS = {
  label: 'Heads',
  kind: 'int',
  default: 8,
  min: 1,
  max: 64,
  step: 1,
  hint: 'Heads of the attention; they divide the width.',
} as const

export const FEED_FORWARD = {
  label: 'Feed-forward width',
  kind: 'int',
  default: 4,
  min: 1,
  max: 8,
  step: 1,
  hint: 'Hidden width, as a multiple of the width.',
} as const

export const DROPOUT = {
  label: 'Dropout',
  kind: 'float',
  default: 0,
  min: 0,
  max: 0,
  hint: 'Always 0: every step trains on tasks that were never seen, so there is nothing to overfit.',
} as const
