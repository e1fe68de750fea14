/** A model composed of published blocks, for priors whose tables have one column. */
import { type CompositionConfig, compose } from '@posterior/model'

const BLOCKS = [
  { type: 'tabular_embedder', config: { d_model: 64 } },
  { type: 'transformer_encoder', config: { n_heads: 4, n_layers: 3 } },
]
const HEADS: Readonly<Record<string, string>> = {
  'linear-regression': 'quantile_head',
  'coin-flip': 'class_vote',
}

/** @throws Error for a prior that there is no composition for */
export function composedFor(slug: string): CompositionConfig {
  const head = HEADS[slug]
  if (!head) throw new Error(`${slug} has no composed model here; ${Object.keys(HEADS).join(' and ')} have`)
  return compose([...BLOCKS, { type: head }], 1)
}
