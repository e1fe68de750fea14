import { expect, test } from 'vitest'
import { issuesOf } from './issues.ts'
import { type RunToWrite, runDocument, runFileSchema } from './run-file.ts'

const read = (file: unknown) => runFileSchema.parse(file)
const problems = (file: unknown) => {
  const { error } = runFileSchema.safeParse(file)
  return error ? issuesOf(error).map(({ path, message }) => `${path.join('.')} ${message}`) : []
}

test('a run of the hosted studio is read, without what tells of its machines', () => {
  const { order, target, results } = read({
    id: 'v0_1',
    prior: { slug: 'linear-regression', name: 'Lines' },
    model: { slug: 'quick' },
    evals: [{ slug: 'held-out' }],
    hyperparams: { steps: 20, batch_size: 8, lr: 0.001 },
    compute: { target: 'remote', remote_ssh_endpoint: 'root@host' },
    results: { status: 'ok', steps: 20, checkpoint_dir: '/srv/x' },
  })
  expect(order).toMatchObject({
    slug: 'v0_1',
    prior: { id: 'linear-regression' },
    model: { id: 'quick' },
    evals: [{ id: 'held-out' }],
    hyperparams: { steps: 20 },
  })
  expect([target, results]).toEqual(['remote', { status: 'ok', steps: 20 }])
})

test('a run that was written is read as the same', () => {
  const run: RunToWrite = {
    slug: 'first',
    description: 'Lines',
    prior: { slug: 'linear-regression', version: '1.0.0', overrides: { num_points: [20, 40] } },
    model: { slug: 'quick', version: null },
    evals: [{ slug: 'held-out', version: '0.1.0' }],
    hyperparams: { steps: 5, lr: null, seed: 3 },
    results: { status: 'completed', steps: 5, checkpoint_dir: '/srv' },
  }
  const { order, results } = read(runDocument(run))
  expect(order).toMatchObject({
    slug: 'first',
    description: 'Lines',
    prior: { id: 'linear-regression', version: '1.0.0', overrides: { num_points: [20, 40] } },
    model: { id: 'quick' },
    evals: [{ id: 'held-out', version: '0.1.0' }],
  })
  expect(order.hyperparams).toEqual({ steps: 5, seed: 3 })
  expect(results).toEqual({ status: 'completed', steps: 5 })
})

test('what cannot be honoured is named', () => {
  expect(problems({ id: 'a', prior: 'x', hyperparams: { steps: 5, dropout: 0.1 } })).toEqual([
    'hyperparams.dropout is not known here',
  ])
  expect(problems({ prior: 'x' })).toEqual(['id is missing'])
  expect(problems({ id: 'a' })).toHaveLength(1)
  expect(problems({ id: 'a', prior: { version: '1.0.0' } })).toEqual([
    'prior.id is missing; give an id or a slug',
  ])
})
