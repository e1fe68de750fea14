import { z } from 'zod'

export const TASKS = ['classification', 'regression'] as const

export const taskSchema = z.enum(TASKS)

/** What is predicted: one of several classes, or a number. */
export type Task = z.infer<typeof taskSchema>
