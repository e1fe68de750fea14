/**
 * The steps of a series as rows that say when each is, and nothing of the values before it: a model of tables answers
 * any number of future steps at once, each by itself (as TabPFN-TS does, Hoo et al. 2025; arXiv 2501.02945).
 *
 *   step               the running index
 *   phase              the step within its season, from 0; 0 without a season
 *   sin_1, cos_1       of one wave per season, and
 *   sin_2, cos_2       of two; 0 without a season
 */

import { seasonWave } from './season-wave.ts'

/** Columns of a row. */
export const CALENDAR_COLUMNS = ['step', 'phase', 'sin_1', 'cos_1', 'sin_2', 'cos_2'] as const

/**
 * Write the row of step `step`.
 *
 * @param season steps of one season; null for none
 * @param out    written from `offset` on, as many numbers as there are columns
 */
export function writeCalendarRow(
  step: number,
  season: number | null,
  out: Float64Array,
  offset: number,
): void {
  out[offset] = step
  out[offset + 1] = season === null ? 0 : step % season
  for (const waves of [1, 2]) {
    const wave = season === null ? null : seasonWave(step, season, waves)
    out[offset + 2 * waves] = wave?.sin ?? 0
    out[offset + 2 * waves + 1] = wave?.cos ?? 0
  }
}
