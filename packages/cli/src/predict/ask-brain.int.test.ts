/** Brains and questions from the command line, beside what a server answers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@posterior/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { saveTinyModel } from '../../../../tests/support/tiny-model.ts'
import { runInProcess } from '../testing/run-in-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'posterior-ask-'))
const models = join(folder, 'models')
const inFolder = (name: string) => join(folder, name)
const env = { POSTERIOR_MODELS_DIR: models }

beforeAll(async () => {
  const range = { rows: [2, 100], columns: [2, 2] } as const
  await saveTinyModel(models, { name: 'tiny' })
  // Brains of two runs of a project.
  await saveTinyModel(inFolder('runs/lines'), {
    ...{ name: 'model', seed: 2, tasks: ['regression'] },
    trainedRange: { ...range, classes: [0, 0] },
  })
  await saveTinyModel(inFolder('runs/kinds'), {
    ...{ name: 'model', seed: 3, tasks: ['classification'] },
    trainedRange: { ...range, classes: [2, 2] },
  })
  mkdirSync(inFolder('tables'))
  writeFileSync(inFolder('tables/known.csv'), 'a,b,y,kind\n1,2,3,no\n2,,5,yes\n3,4,7,no\n4,4,8,yes\n')
  writeFileSync(inFolder('tables/numbers.csv'), 'a,b,y\n1,2,3\n2,,5\n3,4,7\n4,4,8\n')
  writeFileSync(inFolder('tables/kinds.csv'), 'a,b,kind\n1,2,no\n2,,yes\n3,4,no\n4,4,yes\n')
  writeFileSync(inFolder('tables/new.csv'), 'b,a,y\n3,1.5,4\n4,2.5,6\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const QUESTION = {
  context: {
    x: [
      [1, 2],
      [2, null],
      [3, 4],
      [4, 4],
    ],
    y: [3, 5, 7, 8],
  },
  query: {
    x: [
      [1.5, 3],
      [2.5, 4],
    ],
  },
}
const predict = (args: string[], stdin = '') =>
  runInProcess(['predict', ...args, '--dir', folder, '--threads', '1'], { env, stdin })
const cells = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .map((line) => line.split(','))

describe('a brain', () => {
  test('answers a question on stdin and a table of the same rows alike', async () => {
    const [json, table] = await Promise.all([
      predict(['lines'], JSON.stringify(QUESTION)),
      predict([
        'lines',
        '--train',
        inFolder('tables/numbers.csv'),
        '--test',
        inFolder('tables/new.csv'),
        '--target',
        'y',
      ]),
    ])
    expect([json.code, table.code], json.stderr + table.stderr).toEqual([0, 0])
    const answer = JSON.parse(json.stdout)
    expect(answer).toMatchObject({ task: 'regression', model: 'lines', context_size: 4, query_size: 2 })
    const [head, ...rows] = cells(table.stdout)
    expect(head!.slice(0, 2)).toEqual(['prediction', 'quantile_0.1'])
    expect(rows.map(([mean]) => Number(mean))).toEqual(answer.predictions)
    expect(rows.map((row) => Number(row[1]))).toEqual(answer.quantiles['0.1'])
    expect(table.stderr).toContain('Scores on the target of the test table: R2')
  })

  test('of a classification answers the labels of the table, with their probabilities', async () => {
    const args = [
      '--train',
      inFolder('tables/kinds.csv'),
      '--test',
      inFolder('tables/new.csv'),
      '--target',
      'kind',
    ]
    writeFileSync(inFolder('tables/new-kinds.csv'), 'a,b\n1.5,3\n2.5,4\n')
    const { code, stdout, stderr } = await predict([
      inFolder('runs/kinds'),
      ...args.with(3, inFolder('tables/new-kinds.csv')),
    ])
    expect(code, stderr).toBe(0)
    const [head, ...rows] = cells(stdout)
    expect(head).toEqual(['prediction', 'probability_no', 'probability_yes'])
    for (const [label, no, yes] of rows) {
      expect(label).toBe(Number(no) >= Number(yes) ? 'no' : 'yes')
      expect(Number(no) + Number(yes)).toBeCloseTo(1, 6)
    }
  })

  test.each([
    [
      'rows of another width',
      { ...QUESTION, query: { x: [[1]] } },
      'Model expects 2 features per row but got 1.',
    ],
    [
      'targets of another number',
      { context: { ...QUESTION.context, y: [1] }, query: QUESTION.query },
      'context.x and context.y have different lengths',
    ],
    [
      'labels for a regression',
      { context: { x: QUESTION.context.x, labels: [0, 1, 1, 0] }, query: QUESTION.query },
      'does regression',
    ],
    ['no question', [], 'must be a JSON object'],
  ])('refuses %s in the words of a server', async (_, question, message) => {
    expect(await predict(['lines'], JSON.stringify(question))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message),
    })
  })

  test.each([
    [['nobody'], 1, 'There is no brain "nobody"'],
    [['lines', '--model', 'tiny'], 2, 'Give a brain or --model'],
    [['lines', '--output', 'preds'], 2, '--output is for tables and general models'],
    [['lines', '--train', 'a.csv', '--test', 'b.csv'], 2, 'needs --target'],
    [['lines', '--train', 'a.csv', '--question', '-'], 2, 'not both'],
    [['--question', '-'], 2, 'needs a brain, or --model'],
  ])('%j is refused', async (args, code, message) => {
    expect(await predict(args)).toMatchObject({ code, stderr: expect.stringContaining(message) })
  })

  test('that takes numbers says so of text', async () => {
    const args = [
      '--train',
      inFolder('tables/known.csv'),
      '--test',
      inFolder('tables/known.csv'),
      '--target',
      'y',
    ]
    expect((await predict(['lines', ...args])).stderr).toContain("The column 'kind' holds text")
  })
})

test('an installed model answers a question as a server does, to the letter', async () => {
  const token = 'ask-test-token'
  const server = await startServer({
    env: {
      ...env,
      ...{ POSTERIOR_PORT: '0', POSTERIOR_DATA_DIR: inFolder('data'), POSTERIOR_ADMIN_TOKEN: token },
      ...{ POSTERIOR_LOG_LEVEL: 'silent', POSTERIOR_THREADS: '1' },
    },
  })
  try {
    for (const question of [QUESTION, { context: { y: [1, 2, 3, 2, 1, 2, 3, 2] }, horizon: 3, paths: 8 }]) {
      const body = JSON.stringify({ ...question, n_estimators: 2, random_state: 5 })
      const path = inFolder('question.json')
      writeFileSync(path, body)
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const answer = await fetch(`${server.url}/models/tiny/predict`, { method: 'POST', headers, body })
      const { code, stdout, stderr } = await predict(['--model', 'tiny', '--question', path])
      expect([code, answer.status], stderr).toEqual([0, 200])
      expect(stdout).toBe(`${await answer.text()}\n`)
    }
  } finally {
    await server.close()
  }
})
