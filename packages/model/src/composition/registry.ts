/** All blocks that models can be composed of, and those of the published catalogue that there are not. */
import type { Block } from './block.ts'
import { alongColumnAttention, alongRowAttention, axialAttentionBlock } from './blocks/axial-blocks.ts'
import {
  bumpCellEmbedder,
  gridPreprocessor,
  rowCompressor,
  rowPoolForHead,
  tabularCellEmbedder,
} from './blocks/cell-blocks.ts'
import { causalAttentionPool, discoveryHead, momentGraphHead } from './blocks/graph-heads.ts'
import {
  barDistributionHead,
  classHead,
  classVoteBlock,
  quantileHeadBlock,
  scalarHead,
} from './blocks/heads.ts'
import { columnStage, rowStageBlock, rowTransformer } from './blocks/own-blocks.ts'
import { gatedResidual, tabularEmbedder, transformerEncoder } from './blocks/row-blocks.ts'
import { mlp, rmsNormBlock } from './blocks/vector-blocks.ts'

/** In the order in which a composer shows them: from tables to answers. */
export const BLOCKS: readonly Block[] = [
  tabularEmbedder,
  gridPreprocessor,
  tabularCellEmbedder,
  bumpCellEmbedder,
  alongRowAttention,
  alongColumnAttention,
  axialAttentionBlock,
  columnStage,
  rowStageBlock,
  rowPoolForHead,
  rowCompressor,
  transformerEncoder,
  rowTransformer,
  gatedResidual,
  mlp,
  rmsNormBlock,
  scalarHead,
  quantileHeadBlock,
  barDistributionHead,
  classHead,
  classVoteBlock,
  causalAttentionPool,
  discoveryHead,
  momentGraphHead,
]

/** Blocks of the published catalogue that there are not, and why. */
const ABSENT: Readonly<Record<string, string>> = {
  estimation_head: ', because no prior asks for effects of pairs',
  tag_aware_transformer_encoder: ', because no prior has tags; use transformer_encoder',
  context_query_axial_attention: '; axial_attention_block keeps query rows apart',
  cross_attention_encoder: '; transformer_encoder lets query rows read labelled rows only',
  causal_judgment_head: ', because no prior asks for judgments',
}

/** @throws RangeError that lists the blocks there are */
export function requireBlock(type: string): Block {
  const block = BLOCKS.find((each) => each.type === type)
  if (block) return block
  const why = Object.hasOwn(ABSENT, type) ? ABSENT[type] : ''
  throw new RangeError(
    `there is no such block${why}; there are ${BLOCKS.map((each) => each.type).join(', ')}`,
  )
}
