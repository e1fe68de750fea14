import { describe, expect, test } from 'vitest'
import { compose, validateComposition, type WrittenBlock } from './composition.ts'
import { BLOCKS } from './registry.ts'

const EMBEDDER = { type: 'tabular_embedder', config: { d_model: 64 } }
const ENCODER = { type: 'transformer_encoder', config: { n_layers: 2 } }
const HEAD = { type: 'quantile_head' }

describe('a composition', () => {
  test('has a value for every field, and the width and task that follow from it', () => {
    const model = compose([EMBEDDER, ENCODER, HEAD], 4)
    expect(model).toMatchObject({ architecture: 'composition-1', task: 'regression', columns: 4 })
    expect(model.blocks[1]).toEqual({
      type: 'transformer_encoder',
      config: { d_model: null, n_heads: 8, n_layers: 2, dropout: 0, ff_mult: 4 },
    })
    expect(compose([EMBEDDER, { type: 'class_vote' }]).task).toBe('classification')
  })

  test('is the same when it is read back', () => {
    const model = compose([EMBEDDER, ENCODER, HEAD], 4)
    expect(validateComposition(JSON.parse(JSON.stringify(model)))).toEqual(model)
  })

  test.each<[string, WrittenBlock[], string]>([
    [
      'a width that another block does not give',
      [EMBEDDER, { ...ENCODER, config: { d_model: 128 } }, HEAD],
      'block 2 "transformer_encoder": d_model is 128, but block 1 gives 64',
    ],
    [
      'heads that do not divide the width',
      [{ ...EMBEDDER, config: { d_model: 30 } }, { ...ENCODER, config: { n_heads: 4 } }, HEAD],
      'block 2 "transformer_encoder": n_heads must divide d_model; d_model is 30, n_heads is 4',
    ],
    ['no head', [EMBEDDER, ENCODER], 'the model has no head; end it with one of scalar_head'],
    [
      'two heads',
      [EMBEDDER, HEAD, { type: 'class_vote' }],
      'block 3 "class_vote": a model has one head, and block 2 "quantile_head" is one already',
    ],
    [
      'something after the head',
      [EMBEDDER, HEAD, ENCODER],
      'block 3 "transformer_encoder": nothing comes after the head, and block 2 "quantile_head" is one',
    ],
    [
      'no embedder',
      [ENCODER, HEAD],
      'block 1 "transformer_encoder": it takes one vector per row, but the table itself reaches it; put tabular_embedder',
    ],
    [
      'an unknown block',
      [EMBEDDER, { type: 'moe_layer' }, HEAD],
      'block 2 "moe_layer": there is no such block; there are tabular_embedder',
    ],
    [
      'a block of the published catalogue that there is not',
      [EMBEDDER, ENCODER, { type: 'estimation_head' }],
      'block 3 "estimation_head": there is no such block, because no prior asks for effects of pairs; there are',
    ],
    [
      'an unknown field',
      [EMBEDDER, { type: 'mlp', config: { hidden: 3 } }, HEAD],
      'block 2 "mlp": there is no field "hidden"; its fields are d_in, d_hidden',
    ],
    [
      'dropout',
      [EMBEDDER, { ...ENCODER, config: { dropout: 0.1 } }, HEAD],
      'block 2 "transformer_encoder": dropout must be 0, it is 0.1',
    ],
    [
      'a size beyond its bounds',
      [{ ...EMBEDDER, config: { d_model: 1e9 } }, HEAD],
      'block 1 "tabular_embedder": d_model must be a whole number from 1 to 1024, it is 1000000000',
    ],
    [
      'more layers than can be',
      [EMBEDDER, ...Array(3).fill({ ...ENCODER, config: { n_layers: 24 } }), HEAD],
      'layers together, at most 64',
    ],
    [
      'more blocks than can be',
      [EMBEDDER, ...Array(40).fill({ type: 'rms_norm' }), HEAD],
      'at most 32 blocks, this one has 42',
    ],
    ['no blocks', [], 'at least one block'],
    [
      'nothing that reads the labelled rows',
      [EMBEDDER, { type: 'mlp' }, HEAD],
      'no block reads the labelled rows, so no answer would depend on them; add one of along_column_attention',
    ],
    [
      'columns that are read before rows',
      [
        { type: 'grid_preprocessor' },
        { type: 'tabular_cell_embedder', config: { d_model: 8 } },
        { type: 'along_column_attention', config: { n_heads: 2 } },
        { type: 'row_pool_for_head' },
        HEAD,
      ],
      'no answer would depend on the features; put along_row_attention or axial_attention_block',
    ],
    [
      'cells where rows are due',
      [{ type: 'grid_preprocessor' }, { type: 'tabular_cell_embedder' }, HEAD],
      'block 3 "quantile_head": it takes one vector per row, but block 2 gives one vector per cell; put tabular_embedder',
    ],
    [
      'a pool without a target',
      [{ type: 'bump_cell_embedder' }, { type: 'row_pool_for_head' }, HEAD],
      'block 2 "row_pool_for_head": block 1 has no cell for the target; use row_compressor',
    ],
  ])('with %s is refused by name', (_, blocks, message) => {
    expect(() => compose(blocks, 4)).toThrow(message)
  })

  test('that disagrees with what its file says of it is refused', () => {
    const model = compose([EMBEDDER, ENCODER, HEAD], 4)
    expect(() => validateComposition({ ...model, task: 'classification' })).toThrow('made for regression')
    expect(() => validateComposition({ ...model, columns: null })).toThrow('does not say which')
    expect(() => validateComposition({ ...model, columns: 0 })).toThrow('at least 1')
  })

  test('takes the width that its embedder names, and no other', () => {
    const fixed = [{ type: 'tabular_embedder', config: { d_model: 8, d_in: 5 } }, ENCODER, HEAD]
    expect(compose(fixed).columns).toBe(5)
    expect(() => compose(fixed, 4)).toThrow(
      'block 1 "tabular_embedder": d_in is 5, but the table has 4 columns',
    )
  })
})

test('one axial block mixes cells and reads labelled rows', () => {
  const cells = [{ type: 'grid_preprocessor' }, { type: 'tabular_cell_embedder' }]
  const model = compose([...cells, { type: 'axial_attention_block' }, { type: 'row_pool_for_head' }, HEAD])
  expect(model).toMatchObject({ columns: null, task: 'regression' })
})

describe('the registry', () => {
  test('names every block once, and every field has a default that fits', () => {
    expect(new Set(BLOCKS.map(({ type }) => type)).size).toBe(BLOCKS.length)
    for (const { type, name, description, fields } of BLOCKS) {
      expect(name && description, type).toBeTruthy()
      for (const field of Object.values(fields)) expect(field.label && field.hint, type).toBeTruthy()
    }
  })
})
