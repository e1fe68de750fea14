import type { TrainingUsageStore } from '../ports/runs.ts'
import type { Clock } from '../ports/system.ts'
import type { UsageStore } from '../ports/usage.ts'
import { RETRY_WINDOW_MS } from './metering.ts'
import { dayOf } from './periods.ts'

const DAY_MS = 86_400_000

/** How long sums of days and months are kept: a year and a month. */
const KEPT_DAYS = 400

/** Remove charges that no retry can share any more, and sums of long ago. Sums in force are not touched. */
export async function sweepUsage({
  usage,
  trainingUsage,
  clock,
}: {
  usage: UsageStore
  trainingUsage: TrainingUsageStore
  clock: Clock
}): Promise<number> {
  const now = clock.now()
  await trainingUsage.removeOld(dayOf(now - KEPT_DAYS * DAY_MS))
  return usage.removeOld({
    chargesBefore: now - RETRY_WINDOW_MS,
    periodsBefore: dayOf(now - KEPT_DAYS * DAY_MS),
  })
}
