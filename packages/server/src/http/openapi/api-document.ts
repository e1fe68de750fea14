/** The parts of an OpenAPI 3.1 document that this program makes and reads. */

/** A JSON schema as it stands in the document. */
export interface SchemaObject {
  $ref?: string
  type?: string | string[]
  description?: string
  [keyword: string]: unknown
}

/** A body in one content type. */
export interface MediaType {
  schema: SchemaObject
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

export interface HeaderObject {
  description: string
  schema: SchemaObject
}

export interface RequestBody {
  description?: string
  required?: boolean
  content: Record<string, MediaType>
}

export interface ResponseObject {
  description: string
  headers?: Record<string, HeaderObject>
  content?: Record<string, MediaType>
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  required?: boolean
  description?: string
  schema: SchemaObject
}

/** One method of one path. */
export interface Operation {
  operationId?: string
  tags?: string[]
  summary?: string
  description?: string
  deprecated?: boolean
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: RequestBody
  responses: Record<string, ResponseObject>
}

export interface ApiDocument {
  openapi: string
  info: { title: string; version: string; description?: string }
  servers?: { url: string }[]
  tags: { name: string; description: string }[]
  /** Operations by path, then by method in lower case. */
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, SchemaObject>; securitySchemes: Record<string, unknown> }
}
