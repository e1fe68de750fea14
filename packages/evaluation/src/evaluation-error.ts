/** The evaluation cannot be done, for a reason that the user can act on: data, baselines or earlier results do not fit. */
export class EvaluationError extends Error {
  override name = 'EvaluationError'
}
