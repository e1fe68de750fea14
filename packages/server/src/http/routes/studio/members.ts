import {
  addMemberSchema,
  changeMemberSchema,
  memberIdSchema,
  memberListSchema,
  memberSchema,
  messageResponseSchema,
  projectIdSchema,
  ROUTES,
} from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { describeMember } from '../../present/studio.ts'

const tags = ['studio']

/** `/projects/{projectId}/members`: who may do what. */
export function memberRoutes(app: Api, { services }: AppDeps): void {
  const { projects } = services
  const listed = {
    tags,
    summary: 'List members',
    description: 'The accounts that may see the project, with their roles.',
    params: projectIdSchema,
    response: { 200: memberListSchema, ...errorResponses('NOT_FOUND') },
  }
  app.get(ROUTES.listMembers.path, { schema: listed }, async (request) => {
    const members = await projects.members(callerOf(request).id, request.params.projectId)
    return { members: members.map(describeMember) }
  })

  const added = {
    tags,
    summary: 'Add a member',
    description: 'Lets another account see the project, named by its id or e-mail address. Owners only.',
    params: projectIdSchema,
    body: addMemberSchema,
    response: {
      201: memberSchema,
      ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'ALREADY_MEMBER', 'STUDIO_LIMIT_REACHED'),
    },
  }
  app.post(ROUTES.addMember.path, { schema: added }, async (request, reply) => {
    const member = await projects.addMember(callerOf(request).id, request.params.projectId, request.body)
    return reply.code(201).send(describeMember(member))
  })

  const changed = {
    tags,
    summary: 'Change the role of a member',
    description: 'Owners only. The last owner stays one.',
    params: memberIdSchema,
    body: changeMemberSchema,
    response: { 200: memberSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'LAST_OWNER') },
  }
  app.patch(ROUTES.changeMember.path, { schema: changed }, async (request) => {
    const { projectId, accountId } = request.params
    const { role } = request.body
    return describeMember(await projects.changeMember(callerOf(request).id, projectId, accountId, role))
  })

  const removed = {
    tags,
    summary: 'Remove a member',
    description: 'Owners remove anybody, others themselves. The last owner stays.',
    params: memberIdSchema,
    response: { 200: messageResponseSchema, ...errorResponses('NOT_FOUND', 'ROLE_TOO_LOW', 'LAST_OWNER') },
  }
  app.delete(ROUTES.removeMember.path, { schema: removed }, async (request) => {
    const { projectId, accountId } = request.params
    await projects.removeMember(callerOf(request).id, projectId, accountId)
    return { message: 'The account is no longer a member of the project.' }
  })
}
