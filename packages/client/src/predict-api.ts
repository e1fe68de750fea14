/** The Predict API: context and query in one call. */

/** Who answers: an installed model, the brain of a run (ids or slugs), or a share link's token. */
export type Target = { model: string } | { project: string; run: string } | { share: string }

export type NumberRows = readonly (readonly (number | null)[])[] | readonly (number | null)[]

export interface Question {
  context: {
    /** Labelled rows; a plain list is one column. Left out for a series, whose past is `y`. */
    x?: NumberRows
    /** One number per row, or the past of a series in the order of time. */
    y?: readonly (number | null)[]
    /** In place of `y`: one whole number per row, for a classification. */
    labels?: readonly number[]
  }
  /** Rows to answer, as wide as those of the context; a forecast needs none. */
  query?: { x: NumberRows }
  task?: 'regression' | 'classification' | 'time_series'
  /** Steps to forecast. */
  horizon?: number
  /** Steps of one season of a series; default: found in its past. */
  season?: number
  /** Probability between `lower` and `upper`; default 0.9. */
  interval?: number
  /** Levels of `quantiles` in the answer; default the nine deciles. */
  quantiles?: readonly number[]
  /** What `predictions` holds of a number; default `mean`. */
  point?: 'mean' | 'median'
  /** Whether to answer whole distributions; default false. */
  distribution?: boolean
  /** Further fields, as the API names them. */
  [field: string]: unknown
}

/** Path of the route that asks this target. */
export function predictPath(target: Target): string {
  if ('model' in target) return `/models/${encodeURIComponent(target.model)}/predict`
  if ('share' in target) return `/shares/${encodeURIComponent(target.share)}/predict`
  const { project, run } = target
  return `/projects/${encodeURIComponent(project)}/runs/${encodeURIComponent(run)}/predict`
}
