/** Collects the members' log probabilities chunk by chunk into class probabilities or labels. */
import { CLASS_SLOTS } from '@posterior/model'
import type { ClassTargetState } from '@posterior/tabular'
import type { Label, ResolvedOptions } from '../job.ts'
import {
  type MemberLogits,
  mostProbable,
  type ProbabilityOptions,
  writeProbabilities,
} from '../output/class-probabilities.ts'

export class ClassAnswer {
  readonly #target: ClassTargetState
  readonly #options: ProbabilityOptions
  readonly #probabilities: Float64Array

  constructor(target: ClassTargetState, options: ResolvedOptions, rowCount: number) {
    this.#target = target
    this.#options = {
      temperature: options.softmaxTemperature,
      averageBeforeSoftmax: options.averageBeforeSoftmax,
      balanceBy: options.balanceProbabilities ? balanceFrequencies(target) : null,
    }
    this.#probabilities = new Float64Array(rowCount * target.classes.length)
  }

  /**
   * @param firstRow  row of the request that the chunk starts with
   * @param outputs   of each member in turn: log probabilities [rows, 64]
   * @param slots     of each member: slot of each class
   */
  add(firstRow: number, outputs: readonly Float32Array[], slots: readonly (readonly number[])[]): void {
    const classes = this.#target.classes.length
    const rows = outputs[0]!.length / CLASS_SLOTS
    const members: MemberLogits[] = outputs.map((logProbs, k) => ({ logProbs, slots: slots[k]! }))
    const part = this.#probabilities.subarray(firstRow * classes, (firstRow + rows) * classes)
    writeProbabilities(members, CLASS_SLOTS, this.#options, part)
  }

  /** Take probabilities [rows, classes] as they are. */
  put(firstRow: number, probabilities: Float64Array): void {
    this.#probabilities.set(probabilities, firstRow * this.#target.classes.length)
  }

  probabilities(): { output: 'probas'; classes: readonly Label[]; probabilities: Float64Array } {
    return { output: 'probas', classes: this.#target.classes, probabilities: this.#probabilities }
  }

  labels(): { output: 'preds'; classes: readonly Label[]; labels: readonly Label[] } {
    const { classes } = this.#target
    const winners = mostProbable(this.#probabilities, classes.length)
    return { output: 'preds', classes, labels: Array.from(winners, (winner) => classes[winner]!) }
  }
}

/** Share of each class in training; equal ones where a class was not seen, for which there is nothing to go by. */
export function balanceFrequencies({ counts }: ClassTargetState): number[] {
  if (counts.includes(0)) return counts.map(() => 1 / counts.length)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => count / total)
}
