import { expect, test } from 'vitest'
import { type Command, UsageError } from './command.ts'
import { closest, parseArguments } from './parse-arguments.ts'

const COMMAND: Command = {
  name: 'work',
  summary: '',
  description: [],
  positionals: [{ name: '[THING]', summary: '' }],
  options: [
    { name: 'train', kind: 'string', value: 'FILE', required: true, summary: '' },
    { name: 'out', short: 'o', kind: 'string', value: 'FILE', summary: '' },
    { name: 'task', kind: 'string', value: 'TASK', choices: ['sort', 'count'], summary: '' },
    { name: 'seed', kind: 'integer', value: 'N', min: 0, summary: '' },
    { name: 'rate', kind: 'number', value: 'X', min: -1, max: 1, summary: '' },
    { name: 'json', kind: 'flag', summary: '' },
    { name: 'set', kind: 'string', value: 'NAME=VALUE', isList: true, summary: '' },
  ],
  examples: [],
  run: async () => 0,
}

const parse = (...args: string[]) => parseArguments(COMMAND, args)

test('options are read in both spellings and typed by the table', () => {
  expect(parse('--train', 'a.csv', '-o', 'b.csv', '--seed=7', '--rate', '-0.5', '--json', 'x')).toEqual({
    values: { train: 'a.csv', out: 'b.csv', seed: 7, rate: -0.5, json: true },
    positionals: ['x'],
  })
})

test('an option that was not given is absent, so that defaults stay with the command', () => {
  expect(parse('--train', 'a.csv').values).toEqual({ train: 'a.csv' })
})

test('an option that may be repeated becomes a list', () => {
  expect(parse('--train', 'a.csv', '--set', 'a=1', '--set=b=2').values).toEqual({
    train: 'a.csv',
    set: ['a=1', 'b=2'],
  })
})

test.each([
  [['--trian', 'a.csv'], 'Unknown option --trian. Did you mean --train?'],
  [['-x'], 'Unknown option -x.'],
  [[], 'posterior work needs --train.'],
  [['--train'], '--train needs a value: --train FILE.'],
  [['--train', 'a', '--train', 'b'], '--train is given twice; give it once.'],
  [['--train', 'a', '--task', 'guess'], "--task is one of sort, count; got 'guess'."],
  [['--train', 'a', '--seed', '1.5'], "--seed is a whole number, at least 0; got '1.5'."],
  [['--train', 'a', '--seed', '-1'], "--seed is a whole number, at least 0; got '-1'."],
  [['--train', 'a', '--seed', 'NaN'], "--seed is a whole number, at least 0; got 'NaN'."],
  [['--train', 'a', '--rate', '2'], "--rate is a number from -1 to 1; got '2'."],
  [['--train', 'a', '--json=yes'], "--json takes no value, got 'yes'."],
  [['--train', 'a', 'x', 'y'], "'y' is one argument too many."],
])('%j is refused with a sentence that says why', (args, message) => {
  expect(() => parse(...args)).toThrow(new UsageError(message))
})

test('the closest name is offered, and none when nothing is near', () => {
  expect(closest('predit', ['serve', 'predict'])).toBe('predict')
  expect(closest('est', ['estimators', 'seed'])).toBe('estimators')
  expect(closest('banana', ['serve', 'predict'])).toBeUndefined()
})
