/** Projects of the studio and their members. */
import { z } from 'zod'
import { emailSchema } from '../accounts/auth.ts'
import { requestIdSchema, responseIdSchema } from '../tabpfn/ids.ts'
import { boundedText } from './document-bounds.ts'
import { handleSchema, slugSchema, studioNameSchema } from './ids.ts'
import { MAX_MARKDOWN_BYTES } from './limits.ts'

/** What a member may do, least first: see everything; also change artefacts; also decide about the project. */
export const PROJECT_ROLES = ['viewer', 'editor', 'owner'] as const

export type ProjectRole = (typeof PROJECT_ROLES)[number]

const roleSchema = z.enum(PROJECT_ROLES)
const time = z.iso.datetime().describe('UTC')
const descriptionSchema = boundedText(10_000)
const roadmapSchema = boundedText(MAX_MARKDOWN_BYTES).describe('Markdown')

export const projectSummarySchema = z
  .object({
    id: responseIdSchema,
    slug: z.string(),
    name: z.string(),
    description: z.string(),
    role: roleSchema.describe('Of the caller'),
    createdAt: time,
    updatedAt: time.describe('When name, slug, description or roadmap were changed, UTC'),
  })
  .meta({ id: 'ProjectSummary', description: 'A project in a list' })

export type ProjectSummary = z.infer<typeof projectSummarySchema>

export const projectListSchema = z
  .object({ projects: z.array(projectSummarySchema) })
  .meta({ id: 'ProjectList' })

export const projectSchema = projectSummarySchema
  .extend({
    roadmap: z.string().describe('Markdown'),
    counts: z.object({ priors: z.int(), models: z.int(), evals: z.int(), datasets: z.int() }),
  })
  .meta({ id: 'Project', description: 'A project' })

export type ProjectDescription = z.infer<typeof projectSchema>

export const createProjectSchema = z
  .strictObject({
    name: studioNameSchema,
    slug: slugSchema.nullish().describe('Default: made of the name'),
    description: descriptionSchema.nullish(),
    roadmap: roadmapSchema.nullish(),
  })
  .meta({ id: 'CreateProject', examples: [{ name: 'Straight lines', description: 'A first brain' }] })

export const changeProjectSchema = z
  .strictObject({
    name: studioNameSchema.optional(),
    slug: slugSchema.optional(),
    description: descriptionSchema.optional(),
    roadmap: roadmapSchema.optional(),
  })
  .meta({ id: 'ChangeProject', description: 'What is not given stays', examples: [{ roadmap: '# v0.1\n' }] })

export const projectIdSchema = z.object({ projectId: handleSchema })
export const priorIdSchema = projectIdSchema.extend({ priorId: handleSchema })
export const modelIdSchema = projectIdSchema.extend({ modelId: handleSchema })
export const evalIdSchema = projectIdSchema.extend({ evalId: handleSchema })
export const memberIdSchema = projectIdSchema.extend({ accountId: requestIdSchema })

export const memberSchema = z
  .object({
    accountId: responseIdSchema,
    name: z.string(),
    email: z.string().nullable(),
    role: roleSchema,
    addedAt: time,
  })
  .meta({ id: 'Member', description: 'An account that may see a project' })

export type MemberDescription = z.infer<typeof memberSchema>

export const memberListSchema = z.object({ members: z.array(memberSchema) }).meta({ id: 'MemberList' })

export const addMemberSchema = z
  .strictObject({
    account: z.union([requestIdSchema, emailSchema]).describe('Id or e-mail address of the account'),
    role: roleSchema,
  })
  .meta({ id: 'AddMember', examples: [{ account: 'ada@example.org', role: 'editor' }] })

export const changeMemberSchema = z.strictObject({ role: roleSchema }).meta({ id: 'ChangeMember' })

/** What an import took from an archive, and what it left. */
export const importedProjectSchema = projectSchema
  .extend({
    runs: z.int().describe('Runs that came with it'),
    skipped: z
      .array(z.object({ path: z.string(), reason: z.string() }))
      .describe('Files of the archive that are not part of the project now'),
  })
  .meta({ id: 'ImportedProject', description: 'The new project' })

export const exportQuerySchema = z.object({
  brains: z
    .enum(['true', 'false'])
    .optional()
    .describe('Whether the brains of completed runs come with their records; default false'),
})

export const importQuerySchema = z.object({
  slug: slugSchema.optional().describe('Default: that of the archive, else made of its name'),
  name: studioNameSchema.optional().describe('Default: that of the archive'),
})
