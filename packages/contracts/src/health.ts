import { z } from 'zod'

export const rootResponseSchema = z
  .object({ name: z.literal('posterior'), version: z.string(), status: z.literal('ok') })
  .meta({ id: 'ServerInfo' })

export const healthResponseSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })

export const liveResponseSchema = z.object({ status: z.literal('live') }).meta({ id: 'Live' })

export const readyResponseSchema = z.object({ status: z.literal('ready') }).meta({ id: 'Ready' })
