import { z } from 'zod'
import type { SchemaObject } from './api-document.ts'

/** A schema as it stands inside a body that the document describes by hand, without references to others. */
export function inlineSchema(schema: z.ZodType): SchemaObject {
  // An empty registry, because schemas with an id would be put beside this one and referred to.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', metadata: z.registry() })
  return rest as SchemaObject
}

/** A file of a form. */
export function fileSchema(contentMediaType: string, description: string): SchemaObject {
  return { type: 'string', contentMediaType, description }
}
