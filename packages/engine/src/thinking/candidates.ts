/**
 * The settings that a thinking fit tries: the default first, then variations of it, the most promising first. What the
 * caller set stays as it is in all of them. `high` tries all of the list, `medium` its first part.
 */
import type { Task } from '../job.ts'
import type { CandidateSettings, ThinkingEffort } from './thinking-job.ts'

const MEDIUM_CANDIDATES = 12

/** @param asked settings that the caller named */
export function listCandidates(
  _task: Task,
  asked: CandidateSettings,
  effort: ThinkingEffort,
): CandidateSettings[] {
  const seed = asked.randomState ?? 0
  const variations: CandidateSettings[] = [
    {},
    { estimators: 8 },
    { randomState: seed + 1 },
    { randomState: seed + 2 },
    { estimators: 16 },
    { randomState: seed + 3 },
  ]
  // The seed is the exception: clients always send one, and it still decides everything.
  const { randomState: _, ...fixed } = asked
  const known = new Set<string>()
  const candidates = variations
    .map((variation) => ({ randomState: seed, ...variation, ...fixed }))
    .filter((candidate) => {
      const key = JSON.stringify(Object.entries(candidate).sort())
      return !known.has(key) && known.add(key)
    })
  return effort === 'high' ? candidates : candidates.slice(0, MEDIUM_CANDIDATES)
}
