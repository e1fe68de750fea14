/** What a trained model takes, from its manifest. */
import type { BrainInputs } from '@posterior/contracts'
import type { ModelManifest } from '@posterior/model'

/** Columns of a row of lags beside the lags. */
const STEP_COLUMNS = 3

/** The inputs of a brain as callers see them; the ranges are those of training. */
export function brainInputsOf({ tasks, trainedRange, inputs }: ModelManifest): BrainInputs {
  const kind = inputs?.kind ?? 'rows'
  const isSeries = inputs?.kind === 'series'
  const isCalendar = inputs?.kind === 'calendar'
  const model = pair(trainedRange.columns)
  const columns: [number, number] =
    kind === 'rows' || kind === 'table'
      ? model
      : isSeries
        ? [inputs.lags[0] + STEP_COLUMNS, inputs.lags[1] + STEP_COLUMNS]
        : [1, 1]
  const isClasses = tasks[0] === 'classification'
  return {
    kind,
    task:
      tasks[0] === 'discovery'
        ? 'discovery'
        : isSeries || isCalendar
          ? 'time_series'
          : isClasses
            ? 'classification'
            : 'regression',
    d_in: columns[0] === columns[1] ? columns[0] : null,
    columns,
    model_columns: model,
    rows: pair(trainedRange.rows),
    classes: isClasses ? pair(trainedRange.classes) : null,
    lags: isSeries ? pair(inputs.lags) : null,
    season: isSeries || isCalendar ? pair(inputs.season) : null,
    groups: inputs?.kind === 'groups' ? inputs.groups[1] : null,
  }
}

function pair([least, most]: readonly [number, number]): [number, number] {
  return [least, most]
}
