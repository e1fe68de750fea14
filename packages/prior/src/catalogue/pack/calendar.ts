/** A series as rows that say when, for forecasts of many steps at once. */

import { CALENDAR_COLUMNS, type NumericColumn, writeCalendarRow } from '@posterior/tabular'
import type { InContextTask } from '../studio-prior.ts'

/**
 * The first `train` steps are history and labelled, the others are asked for.
 *
 * @param y      the series in time order, train + test values
 * @param season steps of one season; null for none that is known
 */
export function packCalendar(
  y: Float64Array,
  { train, test, season }: { train: number; test: number; season: number | null },
): InContextTask {
  const columns: NumericColumn[] = CALENDAR_COLUMNS.map((name) => ({
    name,
    values: new Float64Array(train + test),
    categorical: false,
  }))
  const row = new Float64Array(columns.length)
  for (let step = 0; step < train + test; step++) {
    writeCalendarRow(step, season, row, 0)
    for (const [j, column] of columns.entries()) column.values[step] = row[j]!
  }
  return { task: 'regression', train, test, columns, y, classes: 0 }
}
