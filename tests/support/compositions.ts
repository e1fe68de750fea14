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
  'cells of a grid with axial attention': compose([
    { type: 'grid_preprocessor' },
    { type: 'tabular_cell_embedder', config: { d_model: 8, features_per_group: 2 } },
    { type: 'axial_attention_block', config: { n_heads: 2, ff_mult: 1, norm_affine: true } },
    {
      type: 'axial_attention_block',
      config: { n_heads: 1, head_dim: 6, norm_position: 'pre', mlp_init: 'default' },
    },
    { type: 'row_pool_for_head' },
    { type: 'quantile_head' },
  ]),
  'a grid with bars': compose([
    { type: 'grid_preprocessor' },
    { type: 'tabular_cell_embedder', config: { d_model: 4 } },
    { type: 'along_row_attention', config: { n_heads: 1 } },
    { type: 'along_column_attention', config: { n_heads: 2 } },
    { type: 'row_pool_for_head' },
    { type: 'bar_distribution_head', config: { num_buckets: 12 } },
  ]),
  'attention along rows and columns': compose([
    { type: 'grid_preprocessor' },
    { type: 'tabular_cell_embedder', config: { d_model: 8 } },
    { type: 'along_row_attention', config: { n_heads: 2 } },
    { type: 'along_column_attention', config: { n_heads: 2 } },
    { type: 'row_pool_for_head' },
    { type: 'class_vote', config: { n_heads: 2, head_dim: 4 } },
  ]),
  'the stages of our own models': compose([
    { type: 'bump_cell_embedder', config: { d_model: 8 } },
    { type: 'column_stage', config: { n_tokens: 3 } },
    { type: 'row_stage' },
    { type: 'column_stage', config: { n_tokens: 3 } },
    { type: 'row_compressor' },
    { type: 'row_transformer', config: { n_layers: 2, n_thinking: 2 } },
    { type: 'class_vote', config: { n_heads: 2, head_dim: 4 } },
  ]),
  'our row transformer with quantiles': compose([
    { type: 'bump_cell_embedder', config: { d_model: 4 } },
    { type: 'row_compressor', config: { n_queries: 2 } },
    { type: 'row_transformer', config: { n_layers: 2, n_thinking: 2 } },
    { type: 'quantile_head' },
  ]),
  'edges of moments': compose([
    { type: 'grid_preprocessor' },
    { type: 'tabular_cell_embedder', config: { d_model: 6 } },
    { type: 'axial_attention_block', config: { n_heads: 2, ff_mult: 1 } },
    { type: 'moment_graph_head', config: { n_moments: 3, d_pair: 6, n_layers: 2 } },
  ]),
  'edges of pooled columns': compose([
    { type: 'grid_preprocessor' },
    { type: 'tabular_cell_embedder', config: { d_model: 6 } },
    { type: 'along_row_attention', config: { n_heads: 2 } },
    { type: 'causal_attention_pool' },
    { type: 'gated_residual' },
    { type: 'discovery_head' },
  ]),
}
