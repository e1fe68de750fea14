import { type BlockList, blockListSchema, ROUTES } from '@posterior/contracts'
import { BLOCKS, FLOW_NAMES } from '@posterior/model'
import { type Api, errorResponses } from '../../api.ts'

/** `GET /blocks`: what models can be composed of. */
export function blocksRoute(app: Api): void {
  const schema = {
    tags: ['studio'],
    summary: 'List blocks',
    description:
      'The blocks that models are composed of, with the fields of their `config`: from tables to answers. A model begins ' +
      'with a block that takes the table and ends with one head.',
    response: { 200: blockListSchema, ...errorResponses() },
  }
  const blocks = BLOCKS.map(
    ({ type, name, description, isHead, takes, gives, fields, citations }): BlockList['blocks'][number] => ({
      ...{ type, name, description, isHead },
      takes: takes.map((kind) => FLOW_NAMES[kind]),
      gives: gives ? FLOW_NAMES[gives] : null,
      fields: Object.entries(fields).map(([key, field]) => ({
        ...{ key, label: field.label, kind: field.kind, default: field.default },
        min: 'min' in field ? field.min : null,
        max: 'max' in field ? field.max : null,
        step: ('step' in field ? field.step : null) ?? null,
        choices: 'choices' in field ? [...field.choices] : null,
        hint: field.hint,
      })),
      citations: [...citations],
    }),
  )
  app.get(ROUTES.listBlocks.path, { schema }, async () => ({ blocks }))
}
