/** How a search spends its time, over steps that take as long as they are told. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineError } from '../errors.ts'
import type { FitSummary } from '../job.ts'
import type { FinishJob } from './finish.ts'
import type { FoldJob } from './measure-fold.ts'
import { membersOf, type ThinkingFitJob, think } from './think.ts'
import type { ThinkingOptions } from './thinking-job.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'think-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Pace {
  /** Seconds of a slice, per member; the fit is half of it. */
  slice: number
  seconds: number
  maxCandidates?: number
  fail?: (job: FoldJob) => EngineError | undefined
  signal?: AbortSignal
}

async function search({ slice, seconds, maxCandidates = 100, fail, signal }: Pace) {
  let clock = 0
  const slices: FoldJob[] = []
  let finish: FinishJob | undefined
  const thinking: ThinkingOptions = { effort: 'high', seconds }
  const table = { rowCount: 0, columns: [] }
  const job: ThinkingFitJob = {
    task: 'classification',
    x: { table },
    y: { table },
    contextDir: join(folder, 'context'),
    thinking,
  }
  await think(
    job,
    {
      check: async () => ({
        task: 'classification',
        rows: 5000,
        columns: 5,
        categoricalColumns: 1,
        hasRidge: false,
        maxCandidates,
      }),
      measure: async (fold) => {
        const error = fail?.(fold)
        if (error) throw error
        slices.push(fold)
        const taken = slice * membersOf(fold.settings)
        clock += taken * 1000
        return { seconds: taken, fitSeconds: taken / 2, contextBytes: 1 }
      },
      finish: async (last) => {
        finish = last
        return {} as FitSummary
      },
    },
    { now: () => clock, signal },
  )
  return { slices, finish: finish!, spent: clock / 1000 }
}

test('with time for everything each candidate is measured on each fold, the default first', async () => {
  const { slices, finish } = await search({ slice: 0.01, seconds: 1000 })
  expect(finish.folds).toBe(5)
  expect(slices.slice(0, 5).map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4])
  expect(slices[0]!.settings).toEqual({ randomState: 0 })
  expect(slices).toHaveLength(5 * finish.measured.length)
  expect(new Set(slices.map(({ file }) => file)).size).toBe(slices.length)
})

test('a short budget is spent on fewer folds and candidates, and kept, with time to fit the choice', async () => {
  const { finish, spent } = await search({ slice: 0.5, seconds: 60 })
  expect(finish.folds).toBeLessThan(5)
  expect(finish.measured.length).toBeGreaterThan(2)
  const members = finish.measured.reduce((sum, { settings }) => sum + membersOf(settings), 0)
  // A refit of everything measured: half a slice per member, on a quarter more rows.
  expect(spent + 1.5625 * 0.25 * Math.min(32, members)).toBeLessThan(60)
  for (const { files } of finish.measured) expect(files).toHaveLength(finish.folds)
})

test('a budget that the first fold uses up leaves the default, measured on that fold', async () => {
  const { slices, finish } = await search({ slice: 10, seconds: 5 })
  expect([slices.length, finish.folds, finish.measured.length]).toEqual([1, 1, 1])
})

test('without anything to search for nothing is measured', async () => {
  const { slices, finish } = await search({ slice: 1, seconds: 100, maxCandidates: 0 })
  expect([slices.length, finish.folds, finish.measured]).toEqual([0, 0, []])
})

test('a candidate that fails is left out; the failure of the default is that of the fit', async () => {
  const broken = new EngineError('non_finite_output', 'Not this one.')
  const fail = ({ settings }: FoldJob) => (membersOf(settings) === 8 ? broken : undefined)
  const { finish } = await search({ slice: 0.01, seconds: 1000, fail })
  expect(finish.failed).toBeGreaterThan(0)
  expect(finish.measured.some(({ settings }) => membersOf(settings) === 8)).toBe(false)
  await expect(search({ slice: 1, seconds: 100, fail: () => broken })).rejects.toBe(broken)
})

test('a search that is cancelled, or whose engine closes, ends', async () => {
  const abort = new AbortController()
  const fail = ({ fold }: FoldJob) => {
    if (fold === 2) abort.abort()
    return undefined
  }
  await expect(search({ slice: 0.01, seconds: 1000, fail, signal: abort.signal })).rejects.toMatchObject({
    code: 'aborted',
  })
  const closed = new EngineError('engine_closed', 'Shutting down.')
  const late = ({ file }: FoldJob) => (file.endsWith('2-0.f32') ? closed : undefined)
  await expect(search({ slice: 0.01, seconds: 1000, fail: late })).rejects.toBe(closed)
})
