/**
 * Tables of many kinds: the families that the foundation model is trained on (`packages/prior/src/general`), with a switch
 * for each. The rule needs to know which rows are labelled, so a task is drawn as one, not packed from a sample.
 */

import type { NumericColumn, Random } from '@posterior/tabular'
import { drawFamily, type FamilyName } from '../../general/family-mixture.ts'
import { sampleTask } from '../../general/sample-task.ts'
import { packClassification, packRegression } from '../pack/rows.ts'
import { PriorError } from '../prior-error.ts'
import { definePrior, type InContextTask, matrix, type Tensor, tensorOf, vector } from '../studio-prior.ts'
import { output, rowCount } from './declarations.ts'

const LEAST_CONTEXT = 16
/** Labelled rows of a sample for looking at, as a share of all. */
const SAMPLE_SHARE = 0.7

function familySwitch<const T extends string>(what: T) {
  return { type: 'bool', default: true, description: `Whether tasks come from ${what}.` } as const
}

const SHARED = {
  num_points: rowCount(200, [64, 320]),
  dim: { type: 'int', range: [2, 12], limits: [1, 128], default: 6, description: 'Columns.', isShape: true },
  stage: {
    type: 'categorical',
    choices: ['general', 'easy'],
    default: 'general',
    description: 'Everything; or linear, smooth, tree and cluster tasks with little noise and clean columns.',
  },
  dirt: {
    type: 'bool',
    default: true,
    description: 'Whether some tasks have missing cells and wild values; the easy stage has none.',
  },
  graph: familySwitch('random causal graphs with mixed mechanisms'),
  clusters: familySwitch('clusters with means and frequencies of their own'),
  linear: familySwitch('linear and logistic functions'),
  trees: familySwitch('sums of decision trees'),
  smooth: familySwitch('smooth functions'),
  network: familySwitch('small neural networks'),
  rules: familySwitch('rules such as parity, look-up and decision lists'),
  groups: familySwitch('effects of groups'),
} as const

interface TableValues extends Readonly<Record<FamilyName, boolean>> {
  readonly num_points: number
  readonly dim: number
  readonly stage: string
  readonly dirt: boolean
}

type Split = Pick<InContextTask, 'train' | 'test'> & { readonly random: Random }

/** @param maxClasses 0 for regression */
function drawTable(values: TableValues, maxClasses: number, { train, test, random }: Split): InContextTask {
  const shape = {
    task: maxClasses > 0 ? 'classification' : 'regression',
    stage: values.stage === 'easy' ? 'easy' : 'general',
    train,
    test,
    features: values.dim,
    maxClasses,
    isClean: !values.dirt,
  } as const
  const { columns, y, classes } = sampleTask(shape, random, chooseFamily(shape, values, random))
  // Numbers alone, as callers of the Predict API send them: codes of categories are not marked.
  const numbers = columns.map((column): NumericColumn => ({ ...column, categorical: false }))
  return { task: shape.task, train, test, columns: numbers, y, classes }
}

function chooseFamily(
  shape: Parameters<typeof drawFamily>[0],
  values: TableValues,
  random: Random,
): FamilyName {
  try {
    return drawFamily(shape, random, (name) => values[name])
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new PriorError(`${error.message} Switch one of them on.`, 'stage')
  }
}

function sampleTable(values: TableValues, maxClasses: number, random: Random): Record<string, Tensor> {
  const { num_points: rows, dim } = values
  const train = Math.min(rows - 1, Math.max(LEAST_CONTEXT, Math.floor(SAMPLE_SHARE * rows)))
  const { columns, y } = drawTable({ ...values, dirt: false }, maxClasses, {
    train,
    test: rows - train,
    random,
  })
  const x = new Float64Array(rows * dim)
  for (let k = 0; k < x.length; k++) x[k] = columns[k % dim]!.values[Math.floor(k / dim)]!
  return { X: matrix(x, dim), [maxClasses > 0 ? 'labels' : 'y']: vector(y) }
}

const COLUMNS = output(
  'X',
  'tensor',
  '(num_points, dim)',
  'Columns, without the missing cells and wild values of `dirt`.',
)

/** Regression on tables of many kinds. */
export const tabularRegression = definePrior({
  id: 'tabular_regression',
  slug: 'tabular-regression',
  name: 'Tabular Regression',
  version: '1.0.0',
  kind: 'tabular',
  category: 'regression',
  task: 'regression',
  inputs: 'rows',
  description: 'Tables with a numeric target from the many families that the foundation model is trained on.',
  parameters: SHARED,
  outputs: [COLUMNS, output('y', 'tensor', '(num_points)', 'Targets, standardised.')],
  sample: (values, random) => sampleTable(values, 0, random),
  layout: (p) => ({ rows: p.num_points, features: p.dim, classes: 0, leastContext: LEAST_CONTEXT }),
  pack: packRegression,
  drawTask: (options) => drawTable(options.parameters, 0, options),
})

/** Classification of tables of many kinds. */
export const tabularClassification = definePrior({
  id: 'tabular_classification',
  slug: 'tabular-classification',
  name: 'Tabular Classification',
  version: '1.0.0',
  kind: 'tabular',
  category: 'classification',
  task: 'classification',
  inputs: 'rows',
  description: 'Tables with classes from the many families that the foundation model is trained on.',
  parameters: {
    ...SHARED,
    max_classes: {
      type: 'int',
      limits: [2, 64],
      default: 6,
      description: 'Most classes of a task; about half of the tasks have two.',
      isShape: true,
    },
  },
  outputs: [COLUMNS, output('labels', 'tensor', '(num_points)', 'Class index.')],
  sample: (values, random) => sampleTable(values, values.max_classes, random),
  layout: (p) => ({
    rows: p.num_points,
    features: p.dim,
    classes: p.max_classes,
    leastContext: LEAST_CONTEXT,
  }),
  pack: (sample, options) =>
    packClassification(sample, { ...options, classes: 1 + Math.max(...tensorOf(sample, 'labels').data) }),
  drawTask: (options) => drawTable(options.parameters, options.parameters.max_classes, options),
})
