import { expect, test } from 'vitest'
import { readDeclaration } from './declaration.ts'
import { ModuleError } from './module-error.ts'

const LINE = {
  name: 'Lines',
  parameters: { num_points: { type: 'int', range: [50, 200] }, noise: { type: 'float', default: 0.1 } },
  outputs: [
    { name: 'X', type: 'tensor', shape: '(num_points, 1)' },
    { name: 'y', shape: ['num_points'] },
  ],
}
const read = (given: object, defaults = {}) =>
  readDeclaration(JSON.stringify(given), 'prior.ts', { name: 'slug', ...defaults })

test('a declaration says what is asked for, and which parameters decide sizes', () => {
  const { task, inputs, kind, parameters, outputs, classes } = read(LINE)
  expect([task, inputs, kind, classes]).toEqual(['regression', 'rows', 'custom', '0'])
  expect(parameters).toEqual({
    num_points: { type: 'int', range: [50, 200], default: 125, description: '', isShape: true },
    noise: { type: 'float', default: 0.1, description: '' },
  })
  expect(outputs[1]).toEqual({ name: 'y', type: 'tensor', shape: '(num_points)', description: '' })
})

test('the answers that a prior declares make its task', () => {
  const outputs = (...names: string[]) => ({ outputs: names.map((name) => ({ name })) })
  expect(read({ ...outputs('X', 'labels'), classes: 3 })).toMatchObject({
    task: 'classification',
    classes: '3',
  })
  expect(read({ ...outputs('t', 'y'), kind: 'temporal' })).toMatchObject({
    task: 'forecast',
    inputs: 'series',
  })
  expect(read(outputs('X', 'A'))).toMatchObject({ task: 'discovery' })
  expect(read({ outputs: { variables: [{ name: 'X' }, { name: 'y' }] } })).toMatchObject({
    task: 'regression',
  })
})

test('what a module leaves out is taken from its files', () => {
  const { name, parameters, kind } = read({}, { ...LINE, kind: 'tabular', name: 'From the files' })
  expect([name, kind, Object.keys(parameters)]).toEqual([
    'From the files',
    'tabular',
    ['num_points', 'noise'],
  ])
  expect(read({ name: 'Own' }, LINE).name).toBe('Own')
})

test('what cannot be is refused by its field', () => {
  const refused: [object, string, RegExp][] = [
    [{ outputs: [] }, 'outputs', /must declare the answers of a task: "y"/],
    [{ outputs: { variables: 3 } }, 'outputs', /must be a list/],
    [{ outputs: [{ name: 'a b' }] }, 'outputs.0.name', /must be a name such as X/],
    [{ outputs: [{ name: 'y' }, { name: 'y' }] }, 'outputs', /declare "y" twice/],
    [{ kind: 'picture' }, 'kind', /must be one of tabular/],
    [{ task: 'regress' }, 'task', /must be one of regression/],
    [{ inputs: 'series' }, 'inputs', /must be "series" for a forecast and for nothing else/],
    [{ task: 'discovery', n_ctx: 3 }, 'n_ctx', /no row of a table with a graph has a label/],
    [{ classes: 'a b' }, 'classes', /whole number or a parameter's name/],
    [{ classes: 'k' }, 'outputs', /have "k" in a size, which is no parameter/],
    [{ parameters: [] }, 'parameters', /must be an object/],
    [{ parameters: { ...LINE.parameters, 'a b': {} } }, 'parameters', /"a b", which is no name/],
    [
      { parameters: { ...LINE.parameters, x: { type: 'tree' } } },
      'parameters.x.type',
      /must be one of int, float/,
    ],
    [
      { parameters: { ...LINE.parameters, x: { type: 'int', range: [2, 1] } } },
      'parameters.x.range',
      /\[least, great/,
    ],
    [
      { parameters: { ...LINE.parameters, x: { type: 'int', range: [0.5, 1] } } },
      'parameters.x.range',
      /whole numbers/,
    ],
    [
      { parameters: { ...LINE.parameters, x: { type: 'float' } } },
      'parameters.x',
      /needs a range or a default/,
    ],
    [
      { parameters: { ...LINE.parameters, x: { type: 'categorical' } } },
      'parameters.x.choices',
      /1 to 100 texts/,
    ],
    [
      { parameters: { num_points: { type: 'float', default: 50 } } },
      'parameters.num_points.type',
      /must be int/,
    ],
  ]
  for (const [change, field, message] of refused) {
    const error = (() => {
      try {
        return read({ ...LINE, ...change })
      } catch (reason) {
        return reason
      }
    })() as ModuleError
    expect([change, error instanceof ModuleError, error.parameter]).toEqual([change, true, field])
    expect(error.message).toMatch(message)
  }
})
