/** Initiatives and literature of projects: the same four routes for both. */
import {
  initiativeIdSchema,
  initiativeListSchema,
  literatureIdSchema,
  literatureListSchema,
  messageResponseSchema,
  type NoteKind,
  noteSchema,
  projectIdSchema,
  putNoteSchema,
  ROUTES,
} from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { NoteAddress } from '../../../domain/studio/notes.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeNote, summarizeNote } from '../../present/studio.ts'

/** What differs between the kinds. */
interface KindOfRoute {
  kind: NoteKind
  plural: 'initiatives' | 'literature'
  /** In texts. */
  one: string
  params: z.ZodType
  /** Of the id in the path. */
  param: 'initiativeId' | 'entryId'
  list: z.ZodType
  routes: Record<'list' | 'put' | 'get' | 'delete', { path: string }>
}

const KINDS: readonly KindOfRoute[] = [
  {
    ...{ kind: 'initiative', plural: 'initiatives', one: 'an initiative', param: 'initiativeId' },
    ...{ params: initiativeIdSchema, list: initiativeListSchema },
    routes: {
      list: ROUTES.listInitiatives,
      put: ROUTES.putInitiative,
      get: ROUTES.getInitiative,
      delete: ROUTES.deleteInitiative,
    },
  },
  {
    ...{ kind: 'literature', plural: 'literature', one: 'a work', param: 'entryId' },
    ...{ params: literatureIdSchema, list: literatureListSchema },
    routes: {
      list: ROUTES.listLiterature,
      put: ROUTES.putWork,
      get: ROUTES.getWork,
      delete: ROUTES.deleteWork,
    },
  },
]

const tags = ['studio']

/** Register the routes of both kinds. */
export function noteRoutes(app: Api, deps: AppDeps): void {
  for (const each of KINDS) {
    listRoute(app, deps, each)
    putRoute(app, deps, each)
    getRoute(app, deps, each)
    deleteRoute(app, deps, each)
  }
}

function listRoute(app: Api, { services }: AppDeps, { kind, plural, list, routes }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `List ${plural}`,
    description: `The ${plural} of a project by id, without their texts.`,
    params: projectIdSchema,
    response: { 200: list, ...errorResponses('NOT_FOUND') },
  }
  app.get(routes.list.path, { schema }, async (request) => {
    const found = await services.notes.list(callerOf(request).id, request.params.projectId, kind)
    return { [plural]: found.map(summarizeNote) }
  })
}

function putRoute(app: Api, { services }: AppDeps, { one, params, routes, ...each }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `Store ${one}`,
    description: 'A new one, or another text in the place of the one with this id. It is kept as it is.',
    params,
    body: putNoteSchema,
    response: {
      200: noteSchema,
      201: noteSchema,
      ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'STUDIO_LIMIT_REACHED'),
    },
  }
  app.put(routes.put.path, { schema }, async (request, reply) => {
    const address = addressOf(request, each)
    const stored = await services.notes.put(callerOf(request).id, address, request.body.text)
    return reply.code(stored.isNew ? 201 : 200).send(describeNote(stored.note))
  })
}

function getRoute(app: Api, { services }: AppDeps, { one, params, routes, ...each }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `Show ${one}`,
    description: 'The text as it was written, and what its head says.',
    params,
    response: { 200: noteSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(routes.get.path, { schema }, async (request) => {
    return describeNote(await services.notes.get(callerOf(request).id, addressOf(request, each)))
  })
}

function deleteRoute(app: Api, { services }: AppDeps, { one, params, routes, ...each }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `Delete ${one}`,
    description: 'Deletes it for good.',
    params,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW') },
  }
  app.delete(routes.delete.path, { schema }, async (request) => {
    await services.notes.remove(callerOf(request).id, addressOf(request, each))
    return { message: 'It is deleted.' }
  })
}

function addressOf(
  request: FastifyRequest,
  { kind, param }: Pick<KindOfRoute, 'kind' | 'param'>,
): NoteAddress {
  const params = request.params as Record<string, string>
  return { project: params['projectId'] ?? '', kind, id: params[param] ?? '' }
}
