/** Small models that between them have every block there is. */
import { type CompositionConfig, compose } from '@posterior/model'

/** By what they are; each takes tables of three columns. */
export const SMALL_COMPOSITIONS: Readonly<Record<string, CompositionConfig>> = {
  'a transformer with quantiles': compose(
    [
      { type: 'tabular_embedder', config: { d_model: 8 } },
      { type: 'transformer_encoder', config: { n_heads: 2, n_layers: 2, ff_mult: 2 } },
      { type: 'gated_residual' },
      { type: 'quantile_head' },
    ],
    3,
  ),
  'a transformer with one number': compose(
    [
      { type: 'tabular_embedder', config: { d_model: 6 } },
      { type: 'mlp', config: { d_out: 8, d_hidden: 5, n_layers: 3, activation: 'silu' } },
      { type: 'transformer_encoder', config: { n_heads: 1, n_layers: 1, ff_mult: 1 } },
      { type: 'rms_norm' },
      { type: 'scalar_head' },
    ],
    3,
  ),
  'a transformer with a vote': compose(
    [
      { type: 'tabular_embedder', config: { d_model: 8 } },
      { type: 'transformer_encoder', config: { n_heads: 2, n_layers: 1, ff_mult: 2 } },
      { type: 'class_vote', config: { n_heads: 2, head_dim: 4 } },
    ],
    3,
  ),
  'a transformer with classes': compose(
    [
      { type: 'tabular_embedder', config: { d_model: 8 } },
      { type: 'transformer_encoder', config: { n_heads: 2, n_layers: 1, ff_mult: 2 } },
      { type: 'mlp', config: { activation: 'gelu' } },
      { type: 'class_head' },
    ],
    3,
  ),
}
