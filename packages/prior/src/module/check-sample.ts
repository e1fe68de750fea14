/** One sample held against the contract: shapes as declared, numbers that are numbers, answers that fit their rows. */

import type { ParameterValues, Tensor } from '../catalogue/studio-prior.ts'
import { graphFault } from './check-graph.ts'
import type { ModuleDeclaration } from './declaration.ts'
import { parseShape, parseSize } from './shape-expression.ts'
import { placeOf, written } from './written-shape.ts'

/**
 * What is wrong with a sample, in words; undefined when it is fine. A single constant target is fine: chance may do it.
 *
 * @param parameters what it was drawn with
 */
export function findFault(
  sample: Readonly<Record<string, Tensor>>,
  parameters: ParameterValues,
  declaration: ModuleDeclaration,
): string | undefined {
  for (const { name, shape } of declaration.outputs) {
    const tensor = sample[name]
    if (!tensor)
      return `sample() returned no ${name}, which the outputs declare; it returned ${listed(sample)}`
    const fault = shapeFault(name, tensor, shape, parameters)
    if (fault) return fault
  }
  for (const [name, tensor] of Object.entries(sample)) {
    const at = tensor.data.findIndex((value) => !Number.isFinite(value))
    if (at >= 0)
      return `${name}${placeOf(at, tensor.shape)} is ${tensor.data[at]}; every number must be finite`
  }
  return answerFault(sample, parameters, declaration)
}

function shapeFault(
  name: string,
  { shape }: Tensor,
  declared: string,
  parameters: ParameterValues,
): string | undefined {
  const dimensions = parseShape(declared)
  // A shape in other words is a remark.
  if (!dimensions || declared.trim() === '') return undefined
  const expected = dimensions.map((dimension) => dimension.valueOf(parameters))
  if (shape.length === expected.length && shape.every((size, i) => size === expected[i])) return undefined
  return `${name} has the shape ${written(shape)}, but its declaration ${declared} makes it ${written(expected)}`
}

function answerFault(
  sample: Readonly<Record<string, Tensor>>,
  parameters: ParameterValues,
  declaration: ModuleDeclaration,
): string | undefined {
  const { task, inputs, n_ctx, classes, groups } = declaration
  const x = sample['X']
  if (task === 'discovery') {
    const missing = ['X', 'A'].find((each) => !sample[each])
    if (missing) return `sample() returned no ${missing}; it returned ${listed(sample)}`
    return graphFault(x!, sample['A']!)
  }
  const name = task === 'classification' ? 'labels' : 'y'
  const answers = sample[name]
  if (!answers) return `sample() returned no ${name}; it returned ${listed(sample)}`
  if (answers.shape.length !== 1)
    return `${name} must be a list of one value per row, its shape is ${written(answers.shape)}`
  const rows = answers.data.length
  if (task !== 'forecast') {
    if (!x) return `sample() returned no X; it returned ${listed(sample)}`
    if (x.shape.length < 1 || x.shape.length > 2)
      return `X must be a table of rows, its shape is ${written(x.shape)}`
    if (x.shape[0] !== rows)
      return `X has ${x.shape[0]} rows and ${name} has ${rows} values; they must be as many`
  }
  if (inputs === 'groups') {
    const fault = groupFault(x!, parseSize(groups)!.valueOf(parameters))
    if (fault) return fault
  }
  if (n_ctx !== null) {
    const context = parseSize(n_ctx)!.valueOf(parameters)
    if (!(context >= 1 && context < rows))
      return `n_ctx is ${context}, which leaves none of ${rows} rows to predict`
  }
  return name === 'labels' ? labelFault(answers, parseSize(classes)!.valueOf(parameters)) : undefined
}

function labelFault({ data }: Tensor, classes: number): string | undefined {
  const at = data.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes)
  if (at < 0) return undefined
  return (
    `labels[${at}] is ${data[at]}; labels are whole numbers from 0 to ${classes - 1}, because the prior declares ` +
    `${classes} classes (write "classes: ${Math.max(2, Math.floor(Math.abs(data[at]!)) + 1)}" or a parameter's name for more)`
  )
}

function groupFault({ shape, data }: Tensor, groups: number): string | undefined {
  const [rows, width = 1] = shape as [number, number?]
  const at = Array.from({ length: rows }, (_, i) => i).find((i) => {
    const group = data[i * width]!
    return !Number.isInteger(group) || group < 0 || group >= groups
  })
  if (at === undefined) return undefined
  return `X[${at}][0] is ${data[at * width]}; groups are whole numbers from 0 to ${groups - 1} (see "groups")`
}

function listed(sample: Readonly<Record<string, Tensor>>): string {
  return Object.keys(sample).join(', ') || 'nothing'
}
