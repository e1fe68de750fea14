/** `/projects/{projectId}/datasets`: real tables that evals are measured on. */
import { Readable } from 'node:stream'
import {
  createDatasetQuerySchema,
  DATA_ERROR_CODES,
  type DatasetSpec,
  datasetIdSchema,
  datasetInputSchema,
  datasetListSchema,
  datasetSchema,
  MAX_DATASET_BYTES,
  MAX_DATASET_TABLE,
  messageResponseSchema,
  projectIdSchema,
  ROUTES,
  versionQuerySchema,
} from '@posterior/contracts'
import { z } from 'zod'
import { AppError } from '../../../domain/app-error.ts'
import { type Api, errorResponses } from '../../api.ts'
import { bodyChunks } from '../../body-chunks.ts'
import type { AppDeps } from '../../deps.ts'
import { readDocumentForm } from '../../multipart/document-form.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeDataset, summarizeArtefact } from '../../present/studio.ts'
import { validated } from '../../validate.ts'

const tags = ['studio']

/** Parts of the form that stores a version. */
const FORM = { document: 'dataset', file: 'file' } as const

const CREATE_ERRORS = [
  'NOT_FOUND',
  'ROLE_TOO_LOW',
  'ARTEFACT_EXISTS',
  'VERSION_NOT_HIGHER',
  'STUDIO_LIMIT_REACHED',
  'PAYLOAD_TOO_LARGE',
  'LIMIT_EXCEEDED',
  'MALFORMED_MULTIPART',
  'STORAGE_FULL',
  'SERVER_BUSY',
  ...DATA_ERROR_CODES,
] as const

/** Register what needs no body. */
export function datasetRoutes(app: Api, deps: AppDeps): void {
  listRoute(app, deps)
  getRoute(app, deps)
  downloadRoute(app, deps)
  deleteRoute(app, deps)
}

/** `POST /projects/{projectId}/datasets`: the table itself is the body. */
export function createDatasetRoute(app: Api, { services }: AppDeps): void {
  const { rows, columns, cells } = MAX_DATASET_TABLE
  const schema = {
    tags,
    summary: 'Store a version of a dataset',
    description:
      'The body is the table, with a header, its target among the columns, and the query says what it is; or the body is a ' +
      'form of `dataset`, the JSON that the file of a dataset holds, with citations and any other field, and after it the table ' +
      'as `file`. Fields of the query take the place of those in the form. The first version of a new slug, or one that is ' +
      'higher than the latest. Versions never change: the same table with the same settings again is answered with 200, ' +
      'another one under the same version is a 409. Rows are dealt into the splits `train` and `test`, 3 to 1 and always the ' +
      'same way, unless `split_column` names a column that tells them (with `train` among its values).',
    params: projectIdSchema,
    querystring: createDatasetQuerySchema,
    requestBody: {
      description:
        `The table as CSV or Parquet, at most ${MAX_DATASET_BYTES} bytes, ${rows} rows, ${columns} columns and ${cells} cells; ` +
        'any content type',
      content: {
        'application/octet-stream': { schema: z.file() },
        'multipart/form-data': {
          schema: z.object({ [FORM.document]: datasetInputSchema, [FORM.file]: z.file() }),
          encoding: { [FORM.document]: { contentType: 'application/json' } },
        },
      },
    },
    response: {
      200: datasetSchema,
      201: datasetSchema,
      ...errorResponses(...CREATE_ERRORS),
    },
  }
  app.post(ROUTES.createProjectDataset.path, { schema }, async (request, reply) => {
    if (Number(request.headers['content-length'] ?? 0) > MAX_DATASET_BYTES) {
      throw new AppError('PAYLOAD_TOO_LARGE', { params: { limitBytes: MAX_DATASET_BYTES } })
    }
    const { projectId } = request.params
    const { document, file } = request.isMultipart()
      ? await readDocumentForm(request, FORM)
      : { document: {}, file: bodyChunks(request.raw) }
    const order = { spec: specOf(document, request.query), content: file }
    const stored = await services.datasets.create(callerOf(request).id, projectId, order)
    return reply.code(stored.isNew ? 201 : 200).send(describeDataset(stored))
  })
}

/** What the form and the query say, read as the file of a dataset is. */
function specOf(
  document: unknown,
  { format, ...query }: z.output<typeof createDatasetQuerySchema>,
): DatasetSpec {
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
  const said = isObject ? { ...document, ...query } : document
  const spec = validated(datasetInputSchema as z.ZodType<DatasetSpec>, said)
  return format === undefined ? spec : { ...spec, filename: `${spec.slug}.${format}` }
}

function listRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'List datasets',
    description: 'The datasets of a project by slug, without their contents.',
    params: projectIdSchema,
    response: { 200: datasetListSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.listProjectDatasets.path, { schema }, async (request) => {
    const found = await services.datasets.list(callerOf(request).id, request.params.projectId)
    return { datasets: found.map(summarizeArtefact) }
  })
}

function getRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'Show a dataset',
    description:
      'By id or slug; the latest version unless `version` names another one. An eval is measured on it by naming its `key`.',
    params: datasetIdSchema,
    querystring: versionQuerySchema,
    response: { 200: datasetSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.getProjectDataset.path, { schema }, async (request) => {
    const { projectId: project, datasetId: dataset } = request.params
    const address = { project, dataset }
    return describeDataset(await services.datasets.get(callerOf(request).id, address, request.query.version))
  })
}

const MEDIA_TYPES = { csv: 'text/csv', parquet: 'application/vnd.apache.parquet' } as const

function downloadRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'Download a dataset',
    description: 'The table as it was stored, byte by byte.',
    params: datasetIdSchema,
    querystring: versionQuerySchema,
    response: {
      200: {
        description: 'The table',
        content: {
          [MEDIA_TYPES.csv]: { schema: z.file() },
          [MEDIA_TYPES.parquet]: { schema: z.file() },
        },
      },
      ...errorResponses('NOT_FOUND'),
    },
  }
  app.get(ROUTES.downloadProjectDataset.path, { schema }, async (request, reply) => {
    const { projectId: project, datasetId: dataset } = request.params
    const { id } = callerOf(request)
    const { spec, content } = await services.datasets.open(id, { project, dataset }, request.query.version)
    reply.header('content-disposition', `attachment; filename="${spec.filename}"`)
    reply.type(MEDIA_TYPES[spec.filename.endsWith('.parquet') ? 'parquet' : 'csv'])
    return reply.send(Readable.from(content) as never)
  })
}

function deleteRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags,
    summary: 'Delete a dataset',
    description:
      'Deletes it with all its versions, for good. Evals that name it stay; runs that they measure say that it is gone.',
    params: datasetIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW') },
  }
  app.delete(ROUTES.deleteProjectDataset.path, { schema }, async (request) => {
    const { projectId: project, datasetId: dataset } = request.params
    await services.datasets.remove(callerOf(request).id, { project, dataset })
    return { message: 'The dataset and all its versions are deleted.' }
  })
}
