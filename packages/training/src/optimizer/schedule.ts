/**
 * Warm-up, stable, decay (WSD): the learning rate rises over the first steps, stays, and falls linearly to zero over
 * the last part of the run. Unlike a cosine it does not need the length of the run before the decay begins.
 */
export interface Schedule {
  readonly warmupSteps: number
  /** Share of the whole run that the decay takes, 0 < share < 1. */
  readonly decayShare: number
}

/**
 * Factor on the learning rate at `step` (the first is 1).
 *
 * @param decayStart  the last step before the decay, or null while it has not begun
 */
export function learningRateFactor(schedule: Schedule, step: number, decayStart: number | null): number {
  const warmup = Math.min(1, step / Math.max(1, schedule.warmupSteps))
  if (decayStart === null || step <= decayStart) return warmup
  const remaining = 1 - (step - decayStart) / decaySteps(schedule, decayStart)
  return warmup * Math.max(0, remaining)
}

/** Steps that the decay takes when it starts after `decayStart` steps. */
export function decaySteps(schedule: Schedule, decayStart: number): number {
  return Math.max(1, Math.round((decayStart * schedule.decayShare) / (1 - schedule.decayShare)))
}
