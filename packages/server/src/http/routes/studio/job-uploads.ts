import {
  artifactReceivedSchema,
  claimQuerySchema,
  jobIdSchema,
  ROUTES,
  stateReceivedSchema,
} from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../../domain/app-error.ts'
import { type Api, errorResponses } from '../../api.ts'
import { bodyChunks } from '../../body-chunks.ts'
import type { AppDeps } from '../../deps.ts'
import { runnerOf } from '../../plugins/runner-auth.ts'
import { jobOf } from './runner-jobs.ts'

const FILE = 'file'

const REQUEST = {
  tags: ['runners'],
  params: jobIdSchema,
  querystring: claimQuerySchema,
  requestBody: {
    content: {
      'multipart/form-data': { schema: z.object({ [FILE]: z.file() }) },
      'application/gzip': { schema: z.file() },
    },
  },
}
const FAILURES = errorResponses(
  'MALFORMED_MULTIPART',
  'NOT_FOUND',
  'CLAIM_LOST',
  'CHECKPOINT_INVALID',
  'STORAGE_FULL',
)

/** What runners upload: states on the way (`/checkpoint`), and the brain (`/artifact`); in a form or as the body itself. */
export function jobUploadRoutes(app: Api, { services }: AppDeps): void {
  const { runnerJobs } = services
  const ended = {
    ...REQUEST,
    summary: 'Upload the brain of a job',
    description:
      'A tar.gz of manifest.json and model.safetensors, as the part `file` of a form or as the body itself. It is verified ' +
      'against what the run trains before it is kept, and becomes the brain of the run with the result `completed`.',
    response: { 200: artifactReceivedSchema, ...FAILURES },
  }
  app.post(ROUTES.putJobArtifact.path, { schema: ended }, async (request) => {
    return runnerJobs.upload(runnerOf(request), jobOf(request), archiveOf(request))
  })

  const saved = {
    ...REQUEST,
    summary: 'Upload a checkpoint of a job',
    description:
      'The state that the run is saved in: a tar.gz of progress.json, state.safetensors (weights, average, mean, variance) ' +
      'and losses.json, as the part `file` of a form or as the body itself. It is verified against what the run trains. ' +
      'Whoever gets the run next goes on from it.',
    response: { 200: stateReceivedSchema, ...FAILURES },
  }
  app.post(ROUTES.putJobState.path, { schema: saved }, async (request) => {
    return runnerJobs.saveState(runnerOf(request), jobOf(request), archiveOf(request))
  })
}

/** The bytes of the archive as they arrive. */
async function* archiveOf(request: FastifyRequest): AsyncGenerator<Uint8Array> {
  if (!request.isMultipart()) return yield* bodyChunks(request.raw)
  let found = false
  try {
    for await (const part of request.parts()) {
      if (part.type !== 'file' || part.fieldname !== FILE || found)
        throw malformed(`it has a part "${part.fieldname}"; expected is one file "${FILE}".`)
      found = true
      yield* part.file
    }
  } catch (error) {
    // What is still to come is read and dropped.
    request.raw.unpipe()
    if (error instanceof AppError) throw error
    throw malformed(`${(error as Error).message.replace(/\.$/, '')}.`, error)
  }
  if (!found) throw malformed(`the file "${FILE}" is missing.`)
}

function malformed(reason: string, cause?: unknown): AppError {
  return new AppError('MALFORMED_MULTIPART', { params: { reason }, ...(cause !== undefined && { cause }) })
}
