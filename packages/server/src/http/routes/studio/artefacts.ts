/** Priors, models and evals: the same five routes for each. */
import {
  ARTEFACT_INPUTS,
  type ArtefactKind,
  type ArtefactSpec,
  artefactPatchSchema,
  evalIdSchema,
  evalListSchema,
  evalSchema,
  messageResponseSchema,
  modelIdSchema,
  modelListSchema,
  modelSchema,
  priorIdSchema,
  priorListSchema,
  priorSchema,
  projectIdSchema,
  ROUTES,
  versionQuerySchema,
} from '@posterior/contracts'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { ArtefactAddress } from '../../../domain/studio/artefacts.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeArtefact, summarizeArtefact } from '../../present/studio.ts'
import { validated } from '../../validate.ts'

/** What differs between the kinds. */
interface KindOfRoute {
  kind: ArtefactKind
  name: 'Prior' | 'Model' | 'Eval'
  plural: 'priors' | 'models' | 'evals'
  params: z.ZodType
  shown: z.ZodType
  list: z.ZodType
  /** What the answer of one says beside the common part. */
  note: string
}

const KINDS: readonly KindOfRoute[] = [
  {
    ...{ kind: 'prior', name: 'Prior', plural: 'priors' },
    ...{ params: priorIdSchema, shown: priorSchema, list: priorListSchema },
    note: '',
  },
  {
    ...{ kind: 'model', name: 'Model', plural: 'models' },
    ...{ params: modelIdSchema, shown: modelSchema, list: modelListSchema },
    note:
      ' `d_in` is the number of features per row that callers of its last brain send, or that it declares; null when ' +
      'neither fixes it.',
  },
  {
    ...{ kind: 'eval', name: 'Eval', plural: 'evals' },
    ...{ params: evalIdSchema, shown: evalSchema, list: evalListSchema },
    note: '',
  },
]

const tags = ['studio']
const WRITE_ERRORS = [
  'NOT_FOUND',
  'ROLE_TOO_LOW',
  'ARTEFACT_EXISTS',
  'VERSION_NOT_HIGHER',
  'STUDIO_LIMIT_REACHED',
] as const

/** Register the routes of all kinds. */
export function artefactRoutes(app: Api, deps: AppDeps): void {
  for (const each of KINDS) {
    listRoute(app, deps, each)
    createRoute(app, deps, each)
    getRoute(app, deps, each)
    changeRoute(app, deps, each)
    deleteRoute(app, deps, each)
  }
}

function listRoute(app: Api, { services }: AppDeps, { kind, name, plural, list }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `List ${plural}`,
    description: `The ${plural} of a project by slug, without their contents.`,
    params: projectIdSchema,
    response: { 200: list, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES[`list${name}s`].path, { schema }, async (request) => {
    const found = await services.artefacts.list(callerOf(request).id, request.params.projectId, kind)
    return { [plural]: found.map(summarizeArtefact) }
  })
}

function createRoute(app: Api, { services }: AppDeps, { kind, name, shown }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `Store a version of ${kind === 'eval' ? 'an' : 'a'} ${kind}`,
    description:
      'The first version of a new slug, or one that is higher than the latest. Versions never change: the same content again ' +
      'is answered with 200, other content under the same version is a 409.',
    params: projectIdSchema,
    body: ARTEFACT_INPUTS[kind] as z.ZodType,
    response: { 200: shown, 201: shown, ...errorResponses(...WRITE_ERRORS) },
  }
  app.post(ROUTES[`create${name}`].path, { schema }, async (request, reply) => {
    const { projectId } = request.params
    const spec = request.body as ArtefactSpec
    const stored = await services.artefacts.put(callerOf(request).id, projectId, {
      kind,
      spec: spec as never,
    })
    return reply.code(stored.isNew ? 201 : 200).send(describeArtefact(stored))
  })
}

function getRoute(app: Api, { services }: AppDeps, { kind, name, params, shown, note }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `Show ${kind === 'eval' ? 'an' : 'a'} ${kind}`,
    description: `By id or slug; the latest version unless \`version\` names another one.${note}`,
    params,
    querystring: versionQuerySchema,
    response: { 200: shown, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES[`get${name}`].path, { schema }, async (request) => {
    const { id } = callerOf(request)
    const shown = await services.artefacts.get(id, addressOf(request, kind), request.query.version)
    const inputs = await services.brains.inputsOf(id, shown.artefact)
    return describeArtefact(shown, inputs)
  })
}

function changeRoute(app: Api, { services }: AppDeps, { kind, name, params, shown }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `Make the next version of ${kind === 'eval' ? 'an' : 'a'} ${kind}`,
    description:
      'A new version of the latest with the given fields in place of its own. Its number is `version`, or the next patch ' +
      'version. The slug stays.',
    params,
    body: artefactPatchSchema,
    response: { 200: shown, ...errorResponses(...WRITE_ERRORS) },
  }
  app.patch(ROUTES[`change${name}`].path, { schema }, async (request) => {
    const read = (input: unknown): ArtefactSpec =>
      validated(ARTEFACT_INPUTS[kind] as z.ZodType<ArtefactSpec>, input)
    const address = addressOf(request, kind)
    return describeArtefact(
      await services.artefacts.change(callerOf(request).id, address, request.body, read),
    )
  })
}

function deleteRoute(app: Api, { services }: AppDeps, { kind, name, params }: KindOfRoute): void {
  const schema = {
    tags,
    summary: `Delete ${kind === 'eval' ? 'an' : 'a'} ${kind}`,
    description: 'Deletes it with all its versions, for good.',
    params,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW') },
  }
  app.delete(ROUTES[`delete${name}`].path, { schema }, async (request) => {
    await services.artefacts.remove(callerOf(request).id, addressOf(request, kind))
    return { message: `The ${kind} and all its versions are deleted.` }
  })
}

function addressOf(request: FastifyRequest, kind: ArtefactKind): ArtefactAddress {
  const params = request.params as Record<string, string>
  return { project: params['projectId'] ?? '', kind, handle: params[`${kind}Id`] ?? '' }
}
