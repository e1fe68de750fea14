import {
  changeProjectSchema,
  createProjectSchema,
  messageResponseSchema,
  projectIdSchema,
  projectListSchema,
  projectSchema,
  ROUTES,
} from '@posterior/contracts'
import type { MemberProject, ProjectChange } from '../../../domain/ports/studio.ts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeProject, summarizeProject } from '../../present/studio.ts'

const tags = ['studio']

/** `/projects`: what the account is a member of. */
export function projectRoutes(app: Api, { services }: AppDeps): void {
  const { projects } = services
  const described = async (found: MemberProject) =>
    describeProject(found, await projects.counts(found.project.id))

  const listed = {
    tags,
    summary: 'List projects',
    description: 'The projects that the account is a member of, by name.',
    response: { 200: projectListSchema },
  }
  app.get(ROUTES.listProjects.path, { schema: listed }, async (request) => {
    return { projects: (await projects.list(callerOf(request).id)).map(summarizeProject) }
  })

  const created = {
    tags,
    summary: 'Create a project',
    description: 'A new, empty project, which the account owns.',
    body: createProjectSchema,
    response: { 201: projectSchema, ...errorResponses('PROJECT_SLUG_TAKEN', 'STUDIO_LIMIT_REACHED') },
  }
  app.post(ROUTES.createProject.path, { schema: created }, async (request, reply) => {
    const project = await projects.create(callerOf(request).id, request.body)
    return reply.code(201).send(await described(project))
  })

  const shown = {
    tags,
    summary: 'Show a project',
    description: 'By id or slug. A project of others is answered as an unknown one.',
    params: projectIdSchema,
    response: { 200: projectSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.getProject.path, { schema: shown }, async (request) => {
    return described(await projects.require(callerOf(request).id, request.params.projectId))
  })

  const changed = {
    tags,
    summary: 'Change a project',
    description: 'Editors change name, description and roadmap; owners also the slug.',
    params: projectIdSchema,
    body: changeProjectSchema,
    response: { 200: projectSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'PROJECT_SLUG_TAKEN') },
  }
  app.patch(ROUTES.changeProject.path, { schema: changed }, async (request) => {
    const change = request.body as ProjectChange
    return described(await projects.change(callerOf(request).id, request.params.projectId, change))
  })

  const deleted = {
    tags,
    summary: 'Delete a project',
    description: 'Deletes the project with everything in it, for good. Owners only.',
    params: projectIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW') },
  }
  app.delete(ROUTES.deleteProject.path, { schema: deleted }, async (request) => {
    await projects.remove(callerOf(request).id, request.params.projectId)
    return { message: 'The project and everything in it are deleted.' }
  })
}
