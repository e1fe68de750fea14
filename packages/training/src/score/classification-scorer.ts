/** `synthetic_classification_bce`: probabilities of any number of classes on held-out tasks. */
import type { ClassesAnswer } from '@posterior/engine'
import type { InContextTask } from '@posterior/prior'
import { accuracy, logLoss, rocAuc } from '@posterior/tabular'
import { mean } from '../run/evaluation.ts'
import { declarationOf } from '../run/single-prior.ts'
import { askHeldOut, describeHeldOut, requireSingle } from './held-out-tasks.ts'
import { EvalSkipped, type Scorer, type ScoringContext } from './score.ts'

export interface AskedClasses {
  readonly task: InContextTask
  /** Classes of the rows to predict, as indices into those of the answer. */
  readonly labels: Int32Array
  readonly answer: ClassesAnswer
}

/** The brain's answers. @throws EvalSkipped for a prior of numbers */
export async function askClasses(context: ScoringContext): Promise<AskedClasses[]> {
  if (declarationOf(requireSingle(context.prior)).task !== 'classification') {
    throw new EvalSkipped('It measures classes, and this brain answers numbers.')
  }
  return (await askHeldOut(context)).map(({ task, answer }) => {
    if (answer.task !== 'classification')
      throw new EvalSkipped('It measures classes, and this brain answers numbers.')
    return { task, answer, labels: indicesOf(task.y.subarray(task.train), answer.classes) }
  })
}

/** Index of each class among those known; -1 for one that is not. */
export function indicesOf(classes: ArrayLike<number>, known: readonly number[]): Int32Array {
  return Int32Array.from(classes, (label) => known.indexOf(label))
}

export const classificationLoss: Scorer = async (context) => {
  const asked = await askClasses(context)
  const ours = asked.map(({ labels, answer }) =>
    scoresOf(labels, answer.probabilities, answer.classes.length),
  )
  const simple = asked.map(({ task, labels, answer }) => {
    return scoresOf(labels, frequenciesOf(task, answer.classes), answer.classes.length)
  })
  const areas = ours.map(({ auc }) => auc).filter((auc) => !Number.isNaN(auc))
  return {
    metrics: {
      bce: mean(ours.map(({ bce }) => bce)),
      accuracy: mean(ours.map((each) => each.accuracy)),
      ...(areas.length > 0 && { auc: mean(areas) }),
      majority_bce: mean(simple.map(({ bce }) => bce)),
      majority_accuracy: mean(simple.map((each) => each.accuracy)),
    },
    meta: {
      ...describeHeldOut(context.prior, asked.length),
      sources: {
        bce: 'mean over tasks of -ln p of the true class, over all classes, in nats',
        auc: `mean over the ${areas.length} tasks in which two classes occur, one against one`,
        majority_bce:
          'the class frequencies of the labelled rows of the same tasks, with one half added to each',
        majority_accuracy: 'the most frequent class of the labelled rows',
      },
    },
  }
}

function scoresOf(labels: Int32Array, probabilities: Float64Array, classes: number) {
  return {
    bce: logLoss(labels, probabilities, classes),
    accuracy: accuracy(labels, probabilities, classes),
    auc: rocAuc(labels, probabilities, classes),
  }
}

function frequenciesOf({ y, train, test }: InContextTask, classes: readonly number[]): Float64Array {
  const counts = classes.map((label) => 0.5 + y.subarray(0, train).filter((each) => each === label).length)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return Float64Array.from({ length: test * classes.length }, (_, i) => counts[i % classes.length]! / total)
}
