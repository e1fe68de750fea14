/** The two forms of a request to an inference container, JSON and Parquet files, as one. */
import type { MultipartFile } from '@fastify/multipart'
import { type ContainerRequest, containerRequestSchema, type FileFormat } from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import { AppError, invalidField } from '../../domain/app-error.ts'
import type { StagedFile, StagedFiles } from '../../domain/direct/staged-files.ts'
import type { InlineRows } from '../../domain/ports/predictor.ts'
import type { TableFiles } from '../../domain/ports/tables.ts'
import { MAX_GIVEN_CELLS } from '../../domain/predictions/query-rows.ts'
import { type InlineLimits, isJson, withJsonBody } from '../json/with-json-body.ts'
import { readForm } from '../multipart/read-form.ts'
import { validated } from '../validate.ts'

const TABLES = ['x_train', 'y_train', 'x_test'] as const
const MAX_DEPTH = 32

type TableName = (typeof TABLES)[number]

/** A request with its tables on disk, which belong to the caller. A few rows to predict stay in memory instead. */
export interface ContainerCall {
  request: ContainerRequest
  tables: Partial<Record<TableName, StagedFile>>
  queryRows?: InlineRows
}

export interface ContainerReader {
  staged: StagedFiles
  tables: TableFiles
  inline: InlineLimits
}

/**
 * Read a request of either form.
 *
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON, MALFORMED_MULTIPART, PAYLOAD_TOO_LARGE, LIMIT_EXCEEDED,
 *   REQUEST_VALIDATION_ERROR; no table is kept then
 */
export async function readContainerCall(
  request: FastifyRequest,
  reader: ContainerReader,
): Promise<ContainerCall> {
  if (request.isMultipart()) return readParts(request, reader)
  if (isJson(request)) {
    const limits = { inline: reader.inline, maxDepth: MAX_DEPTH }
    return withJsonBody(request, limits, (body) => readInline(body, reader))
  }
  const message = `Content type "${request.headers['content-type'] || 'none'}" is not accepted here; send application/json or multipart/form-data.`
  throw new AppError('UNSUPPORTED_MEDIA_TYPE', { message })
}

async function readParts(request: FastifyRequest, { staged }: ContainerReader): Promise<ContainerCall> {
  const form = await readForm(request, { json: 'request', files: TABLES, format: formatOf }, staged)
  const check = async () => validated(containerRequestSchema, form.json)
  return { request: await keepOnlyWhen(check, form.files, staged), tables: form.files }
}

async function readInline(body: Record<string, unknown>, reader: ContainerReader): Promise<ContainerCall> {
  const fields = lowerKeys(body)
  const checked = validated(containerRequestSchema, fields)
  const rows = TABLES.flatMap((name) => {
    const value = fields[name]
    return value === undefined || value === null ? [] : [[name, rowsOf(value, name)] as const]
  })
  const files: Partial<Record<TableName, StagedFile>> = {}
  const isKeptInMemory = ([name, table]: (typeof rows)[number]) =>
    name === 'x_test' && cellsOf(table) <= MAX_GIVEN_CELLS
  const stage = async () => {
    for (const [name, table] of rows.filter((each) => !isKeptInMemory(each))) {
      const { content, format } = reader.tables.inline({ rows: table }, name)
      files[name] = await reader.staged.add(content, format)
    }
  }
  await keepOnlyWhen(stage, files, reader.staged)
  const queryRows = rows.find(isKeptInMemory)?.[1]
  return { request: checked, tables: files, ...(queryRows && { queryRows }) }
}

function cellsOf(rows: InlineRows): number {
  return rows.length * (rows[0]?.length ?? 0)
}

/** Do `work`; when it fails, what is staged by then is discarded. */
async function keepOnlyWhen<T>(
  work: () => Promise<T>,
  tables: ContainerCall['tables'],
  staged: StagedFiles,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await staged.discard(Object.values(tables))
    throw error
  }
}

/** The keys of the data come as `X_train` and as `x_train`. */
function lowerKeys(body: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(body)) {
    const lower = key.toLowerCase()
    if (Object.hasOwn(fields, lower)) throw invalidField(key, 'comes twice, in capital and in small letters')
    fields[lower] = value
  }
  return fields
}

/** Rows of cells; a target may be a plain list. What the cells hold is checked when they are written. */
function rowsOf(value: unknown, field: TableName): InlineRows {
  const expected = field === 'y_train' ? 'a list of values, or of rows of one value' : 'a list of rows'
  if (!Array.isArray(value)) throw invalidField(field, `must be ${expected}`)
  if (value.length === 0) throw new AppError('NO_ROWS', noRows(field))
  const isList = field === 'y_train' && !Array.isArray(value[0])
  const rows = isList ? value.map((cell) => [cell]) : value
  const wrong = rows.findIndex((row) => !Array.isArray(row))
  if (wrong >= 0) throw invalidField(`${field}.${wrong}`, `must be a list of values`)
  return rows
}

function noRows(field: string) {
  const message = `${field} has no rows; at least one must be sent.`
  return { message, errors: [{ field, message }] }
}

/** Parquet unless the part says that it is CSV. */
function formatOf(file: MultipartFile): FileFormat {
  return file.mimetype === 'text/csv' || /\.csv$/i.test(file.filename) ? 'csv' : 'parquet'
}
