/**
 * Greedy ensemble selection with replacement from a library of models (Caruana, Niculescu-Mizil, Crew and Ksikes 2004,
 * "Ensemble selection from libraries of models"): again and again add the candidate whose addition makes the average of
 * the chosen ones best by the metric, a candidate as often as it helps; keep the best of the averages on the way. How
 * often a candidate was added is its weight.
 */

export interface SelectionInput {
  /** Predictions of each candidate for the same rows, flat; candidate 0 is the default. Their average is a prediction. */
  readonly candidates: readonly Float64Array[]
  /** Loss of a prediction, lower is better; NaN is worse than any number. */
  readonly loss: (prediction: Float64Array) => number
  /** Cost of each candidate, for instance its members ... */
  readonly costs: readonly number[]
  /** ... and what the distinct ones that are chosen may cost together. Candidate 0 may cost more. */
  readonly maxCost: number
  readonly maxSteps: number
  /** Asked between evaluations; when true, what was found so far is the result. */
  readonly isTimeUp?: () => boolean
}

export interface Selection {
  /** How often each candidate was added. */
  readonly counts: readonly number[]
  readonly loss: number
  /** Of candidate 0 alone. */
  readonly baselineLoss: number
}

/**
 * Select an ensemble. Ties go to the earlier candidate and to fewer additions; candidate 0 alone is the result unless
 * something is truly better.
 *
 * @param input at least one candidate, all of one length
 */
export function selectEnsemble(input: SelectionInput): Selection {
  const { candidates, loss } = input
  const baselineLoss = loss(candidates[0]!)
  const counts = candidates.map((_, i) => (i === 0 ? 1 : 0))
  let best: Selection = { counts: [...counts], loss: baselineLoss, baselineLoss }
  const sum = new Float64Array(candidates[0]!.length)
  const chosen = candidates.map(() => 0)
  for (let step = 1; step <= input.maxSteps; step++) {
    const found = bestAddition(input, sum, chosen, step)
    if (found === undefined) break
    chosen[found.index]! += 1
    const added = candidates[found.index]!
    for (let i = 0; i < sum.length; i++) sum[i]! += added[i]!
    if (isLess(found.loss, best.loss)) best = { counts: [...chosen], loss: found.loss, baselineLoss }
  }
  return best
}

/** Undefined when time is up before all were tried, or none may be added. */
function bestAddition(
  input: SelectionInput,
  sum: Float64Array,
  chosen: readonly number[],
  step: number,
): { index: number; loss: number } | undefined {
  const spent = chosen.reduce((total, count, i) => total + (count > 0 ? input.costs[i]! : 0), 0)
  const average = new Float64Array(sum.length)
  let best: { index: number; loss: number } | undefined
  for (const [index, candidate] of input.candidates.entries()) {
    if (input.isTimeUp?.()) return undefined
    const cost = chosen[index]! > 0 ? 0 : input.costs[index]!
    if (spent + cost > input.maxCost && !(index === 0 && spent === 0)) continue
    for (let i = 0; i < sum.length; i++) average[i] = (sum[i]! + candidate[i]!) / step
    const loss = input.loss(average)
    if (best === undefined || isLess(loss, best.loss)) best = { index, loss }
  }
  return best
}

/** NaN is more than any number. */
function isLess(a: number, b: number): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a))
}
