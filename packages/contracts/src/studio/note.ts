/**
 * Texts of a project beside what it trains: initiatives, which are its plans, and the literature that its files cite (pfn-studio
 * section 8). They are kept as they were written; what stands in their heads is read for lists and changes nothing.
 */
import { z } from 'zod'
import { responseIdSchema } from '../tabpfn/ids.ts'
import { boundedText } from './document-bounds.ts'
import { MAX_MARKDOWN_BYTES } from './limits.ts'
import { projectIdSchema } from './project.ts'

export const NOTE_KINDS = ['initiative', 'literature'] as const

export type NoteKind = (typeof NOTE_KINDS)[number]

/** The bibliography among the literature; the other entries are summaries, by the keys of their works. */
export const BIBLIOGRAPHY = 'references.bib'

const noteId = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$/, 'may hold letters, digits, "_", ".", "+" and "-" alone')
  .refine((id) => !id.endsWith('.md'), 'stands without ".md"')

export const initiativeIdSchema = projectIdSchema.extend({
  initiativeId: noteId.describe('Such as 0001-first-brain'),
})
export const literatureIdSchema = projectIdSchema.extend({
  entryId: noteId.describe(`Key of a work, or ${BIBLIOGRAPHY}`),
})

/** Whether a text may have this name. */
export function isNoteId(id: string): boolean {
  return noteId.safeParse(id).success
}

const time = z.iso.datetime().describe('UTC')

const summaryFields = {
  id: z.string(),
  projectId: responseIdSchema,
  fields: z
    .record(z.string(), z.unknown())
    .describe(
      'What stands between lines of "---" at its beginning, such as title and status; empty when it cannot be read',
    ),
  createdAt: time,
  updatedAt: time,
}

export const noteSummarySchema = z
  .object(summaryFields)
  .meta({ id: 'NoteSummary', description: 'An initiative or a work in a list' })

export const noteSchema = z
  .object({ ...summaryFields, text: z.string().describe('Markdown, or BibTeX, as it was written') })
  .meta({ id: 'Note', description: 'An initiative or a work' })

export type NoteDescription = z.infer<typeof noteSchema>

export const initiativeListSchema = z
  .object({ initiatives: z.array(noteSummarySchema).describe('By id') })
  .meta({ id: 'InitiativeList' })

export const literatureListSchema = z
  .object({ literature: z.array(noteSummarySchema).describe('By id') })
  .meta({ id: 'LiteratureList' })

export const putNoteSchema = z.strictObject({ text: boundedText(MAX_MARKDOWN_BYTES) }).meta({
  id: 'PutNote',
  examples: [
    {
      text: '---\nid: 0001-first-brain\ntitle: A first brain\nstatus: proposed\nversion_target: v0.1\n---\n',
    },
  ],
})
