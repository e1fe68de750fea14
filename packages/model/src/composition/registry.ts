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
]

/** @throws RangeError that lists the blocks there are */
export function requireBlock(type: string): Block {
  const block = BLOCKS.find((each) => each.type === type)
  if (block) return block
  throw new RangeError(
    `there is no block of this type; there are ${BLOCKS.map((each) => each.type).join(', ')}`,
  )
}
