import {
  createRunSchema,
  messageResponseSchema,
  projectIdSchema,
  ROUTES,
  runIdSchema,
  runListSchema,
  runSchema,
} from '@posterior/contracts'
import type { RunAddress } from '../../../domain/studio/runs/runs.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeRun } from '../../present/run.ts'
import { runEventsRoute } from './run-events.ts'

const tags = ['studio']

/** `/projects/{projectId}/runs`: training of brains. */
export function runRoutes(app: Api, deps: AppDeps): void {
  const { runs } = deps.services
  const listed = {
    tags,
    summary: 'List runs',
    description: 'The training runs of a project, oldest first.',
    params: projectIdSchema,
    response: { 200: runListSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.listRuns.path, { schema: listed }, async (request) => {
    const found = await runs.list(callerOf(request).id, request.params.projectId)
    return { runs: found.map(describeRun) }
  })

  const created = {
    tags,
    summary: 'Train a brain',
    description:
      'Checks prior, model and hyperparameters and queues the run. Every hyperparameter that is given is honoured; what is ' +
      'unknown is refused by its name.',
    params: projectIdSchema,
    body: createRunSchema,
    response: {
      201: runSchema,
      ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'RUN_SLUG_TAKEN', 'STUDIO_LIMIT_REACHED'),
    },
  }
  app.post(ROUTES.createRun.path, { schema: created }, async (request, reply) => {
    const run = await runs.create(callerOf(request).id, request.params.projectId, request.body)
    return reply.code(201).send(describeRun(run))
  })

  const shown = {
    tags,
    summary: 'Show a run',
    description:
      'By id or slug. `skipped` is a run that went through its steps and learned nothing; it is not completed.',
    params: runIdSchema,
    response: { 200: runSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.getRun.path, { schema: shown }, async (request) => {
    return describeRun(await runs.get(callerOf(request).id, addressOf(request.params)))
  })

  const cancelled = {
    tags,
    summary: 'Cancel a run',
    description: 'Takes a run out of the queue, or stops its training. A cancelled run cannot go on.',
    params: runIdSchema,
    response: { 200: runSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'RUN_OVER') },
  }
  app.post(ROUTES.cancelRun.path, { schema: cancelled }, async (request) => {
    return describeRun(await runs.cancel(callerOf(request).id, addressOf(request.params)))
  })

  const deleted = {
    tags,
    summary: 'Delete a run',
    description: 'Deletes the run with its events and its brain, for good. A run that trains is stopped.',
    params: runIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW') },
  }
  app.delete(ROUTES.deleteRun.path, { schema: deleted }, async (request) => {
    await runs.remove(callerOf(request).id, addressOf(request.params))
    return { message: 'The run and its brain are deleted.' }
  })
  runEventsRoute(app, deps)
}

/** The run that a path names. */
export function addressOf({ projectId, runId }: { projectId: string; runId: string }): RunAddress {
  return { project: projectId, run: runId }
}
