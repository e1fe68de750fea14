/**
 * Targets that are rules over a few discrete columns and show in interactions only: parity, lookup tables, disjunctions
 * of conjunctions, k of n, decision lists, comparisons of sums or products of grid columns.
 */

import type { Random } from '@posterior/tabular'
import type { Draft, DraftColumn, DraftRequest, Family } from '../draft.ts'
import { standardise } from '../standardise.ts'

interface RuleInput {
  column: DraftColumn
  /** Codes 0..levels-1 that the rule reads; for numeric columns the bins. */
  codes: Int32Array
  levels: number
}

/** Returns one integer per row: a class for classification, a cell number for regression. */
type Rule = (inputs: RuleInput[], request: DraftRequest, random: Random) => Int32Array

export const ruleFamily: Family = (request, random): Draft => {
  const inputs = drawRuleInputs(request, random)
  const values = random.choice(RULES)(inputs, request, random)
  const columns = inputs.map((input) => input.column)
  if (request.task === 'classification') return { columns, latents: [], labels: values }
  const heights = random.fillNormal(new Float64Array(512))
  return {
    columns,
    latents: [standardise(Float64Array.from(values, (cell) => heights[cell % 512]!))],
    labels: null,
  }
}

/** Discrete columns of one alphabet (as in games and designed experiments), or of mixed ones, some numeric. */
function drawRuleInputs({ rows, features }: DraftRequest, random: Random): RuleInput[] {
  const sameLevels = random.bool(0.6) ? random.int(2, 6) : 0
  const numericShare = random.bool(0.5) ? 0 : random.uniform()
  const isGrid = random.bool(0.3)
  return Array.from({ length: features }, () => {
    const levels = sameLevels || random.int(2, 6)
    const tilt = random.uniform(0.7, 1.3)
    const codes = new Int32Array(rows)
    for (let i = 0; i < rows; i++)
      codes[i] = Math.min(levels - 1, Math.floor(levels * random.uniform() ** tilt))
    const names = random.permutation(levels)
    const values = new Float64Array(rows)
    const isNumeric = random.bool(numericShare)
    for (let i = 0; i < rows; i++) {
      values[i] = isNumeric ? codes[i]! + random.uniform() : isGrid ? codes[i]! : names[codes[i]!]!
    }
    return { column: { values, levels: isNumeric || isGrid ? 0 : levels }, codes, levels }
  })
}

const parity: Rule = (inputs, _request, random) => {
  const chosen = pick(inputs, random.int(2, random.bool(0.7) ? 3 : 4), random)
  const cuts = chosen.map((input) => random.int(1, input.levels))
  return chosen[0]!.codes.map((_, i) =>
    chosen.reduce((bit, input, k) => bit ^ (input.codes[i]! >= cuts[k]! ? 1 : 0), 0),
  )
}

const lookup: Rule = (inputs, request, random) => {
  const chosen = pick(inputs, random.int(1, 4), random)
  const cells = chosen.reduce((product, input) => product * input.levels, 1)
  const table = Int32Array.from({ length: cells }, (_, cell) =>
    request.classes > 0 ? random.int(0, request.classes) : cell,
  )
  return chosen[0]!.codes.map(
    (_, i) => table[chosen.reduce((cell, input) => cell * input.levels + input.codes[i]!, 0)]!,
  )
}

/** True when any of several conjunctions of two to four literals holds. */
const disjunction: Rule = (inputs, request, random) => {
  const out = new Int32Array(request.rows)
  const terms = random.int(1, 9)
  for (let t = 0; t < terms; t++) {
    const chosen = pick(inputs, random.int(2, 4), random)
    const wanted = chosen.map((input) => random.int(0, input.levels))
    for (let i = 0; i < out.length; i++) {
      if (chosen.every((input, k) => input.codes[i] === wanted[k])) out[i] = 1
    }
  }
  return out
}

const countOf: Rule = (inputs, request, random) => {
  const chosen = pick(inputs, random.int(2, 10), random)
  const wanted = chosen.map((input) => random.int(0, input.levels))
  const steps = Math.max(2, Math.min(request.classes || chosen.length + 1, chosen.length + 1))
  const first = random.int(1, Math.max(2, chosen.length - steps + 3))
  return chosen[0]!.codes.map((_, i) => {
    const count = chosen.reduce((sum, input, k) => sum + (input.codes[i] === wanted[k] ? 1 : 0), 0)
    return Math.max(0, Math.min(steps - 1, count - first + 1))
  })
}

const decisionList: Rule = (inputs, request, random) => {
  const classes = request.classes || 12
  const out = new Int32Array(request.rows).fill(-1)
  const entries = random.int(2, 8)
  for (let e = 0; e <= entries; e++) {
    const chosen = pick(inputs, random.int(1, 3), random)
    const wanted = chosen.map((input) => random.int(0, input.levels))
    const label = e < classes ? e : random.int(0, classes)
    for (let i = 0; i < out.length; i++) {
      const fires = e === entries || chosen.every((input, k) => input.codes[i] === wanted[k])
      if (out[i]! < 0 && fires) out[i] = label
    }
  }
  return out
}

/** Which of two groups of columns has the larger sum or product; equality is a third class when three are allowed. */
const comparison: Rule = (inputs, request, random) => {
  const chosen = pick(inputs, Math.max(2, Math.min(inputs.length, random.choice([2, 4, 4, 6]))), random)
  const half = chosen.length >> 1
  const multiplies = random.bool()
  const total = (from: number, to: number, i: number) => {
    let value = multiplies ? 1 : 0
    for (let k = from; k < to; k++) {
      const code = chosen[k]!.codes[i]! + 1
      value = multiplies ? value * code : value + code
    }
    return value
  }
  return chosen[0]!.codes.map((_, i) => {
    const difference = total(0, half, i) - total(half, 2 * half, i)
    return difference < 0 ? 0 : difference > 0 ? 1 : request.classes === 2 ? 0 : 2
  })
}

const RULES: readonly Rule[] = [
  parity,
  lookup,
  lookup,
  disjunction,
  disjunction,
  countOf,
  decisionList,
  comparison,
]

function pick(inputs: RuleInput[], count: number, random: Random): RuleInput[] {
  const order = random.permutation(inputs.length)
  return Array.from({ length: Math.min(count, inputs.length) }, (_, k) => inputs[order[k]!]!)
}
