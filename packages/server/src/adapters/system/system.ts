import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock, Ids } from '../../domain/ports/system.ts'

export const systemClock: Clock = { now: () => Date.now() }

export const systemIds: Ids = {
  newId: () => randomUUID(),
  newToken: () => `pst_${randomBytes(32).toString('base64url')}`,
  newRunnerToken: () => `psr_${randomBytes(24).toString('hex')}`,
  newShareToken: () => `psh_${randomBytes(32).toString('base64url')}`,
  newCode: () => randomBytes(24).toString('base64url'),
}
