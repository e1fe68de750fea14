/** Every limit that the settings publish is enforced: what is at the limit is taken, one more is refused. */
import type { ModelLimit, Settings } from '@posterior/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EngineServer, startEngineServer } from './testing/engine-server.ts'
import { type Answer, put } from './testing/test-server.ts'

const ENV = {
  POSTERIOR_MAX_TRAIN_ROWS: '20',
  POSTERIOR_MAX_TRAIN_CELLS: '60',
  POSTERIOR_MAX_TEST_ROWS: '15',
  POSTERIOR_MAX_TEST_CELLS: '40',
  POSTERIOR_MAX_COLUMNS: '8',
  POSTERIOR_MAX_CLASSES: '3',
  POSTERIOR_MAX_FULL_ROWS: '5',
  POSTERIOR_MAX_ROW_PAIRS: '100',
  POSTERIOR_MAX_UPLOAD_BYTES: '2000',
}

let server: EngineServer

beforeAll(async () => {
  server = await startEngineServer({ env: ENV })
})
afterAll(() => server.close())

const post = (path: string, body: object) => server.call('POST', path, { body })

function csv(rows: number, columns: number): string {
  const names = Array.from({ length: columns }, (_, j) => `c${j}`)
  const lines = Array.from({ length: rows }, (_, i) =>
    names.map((_name, j) => (i * 7 + j * 3) % 11).join(','),
  )
  return `${[names.join(','), ...lines].join('\n')}\n`
}

const target = (rows: number, classes: number) =>
  `y\n${Array.from({ length: rows }, (_, i) => i % classes).join('\n')}\n`

interface FitSize {
  rows: number
  columns?: number
  classes?: number
  task?: 'classification' | 'regression'
}

async function fit({ rows, columns = 2, classes = 2, task = 'classification' }: FitSize): Promise<Answer> {
  const info = { format: 'csv' }
  const { json } = await post('/tabpfn/prepare_train_set_upload', { x_train_info: info, y_train_info: info })
  await put(json.x_train_info.signed_urls[0], csv(rows, columns))
  await put(json.y_train_info.signed_urls[0], target(rows, classes))
  return post('/tabpfn/fit', { train_set_upload_id: json.train_set_upload_id, task })
}

/** Predict rows with a model that was fitted on a table of this size. */
async function predict(rows: number, size: FitSize, output_type?: string): Promise<Answer> {
  const { json: fitted } = await fit(size)
  const { fitted_train_set_id } = fitted
  const prepared = await post('/tabpfn/prepare_test_set_upload', {
    fitted_train_set_id,
    x_test_info: { format: 'csv' },
  })
  await put(prepared.json.x_test_info.signed_urls[0], csv(rows, size.columns ?? 2))
  const { test_set_upload_id } = prepared.json
  const task_config = { predict_params: { output_type } }
  return post('/tabpfn/predict', { fitted_train_set_id, test_set_upload_id, task_config })
}

interface LimitCase {
  limit: number
  /** At the limit, and beyond no other. */
  most(): Promise<Answer>
  tooMuch(): Promise<Answer>
  code?: string
}

const REGRESSION = { rows: 5, task: 'regression' } as const

/** One case for each key; a new key without one does not compile. */
const CASES: Record<keyof ModelLimit, LimitCase> = {
  train_set_max_rows: { limit: 20, most: () => fit({ rows: 20 }), tooMuch: () => fit({ rows: 21 }) },
  train_set_max_cells: {
    limit: 60,
    most: () => fit({ rows: 15, columns: 4 }),
    tooMuch: () => fit({ rows: 16, columns: 4 }),
  },
  train_set_max_upload_cells: {
    limit: 60,
    most: () => fit({ rows: 12, columns: 5 }),
    tooMuch: () => fit({ rows: 13, columns: 5 }),
  },
  max_cols: {
    limit: 8,
    most: () => fit({ rows: 6, columns: 8 }),
    tooMuch: () => fit({ rows: 6, columns: 9 }),
  },
  max_classes: {
    limit: 3,
    most: () => fit({ rows: 12, classes: 3 }),
    tooMuch: () => fit({ rows: 12, classes: 4 }),
    code: 'TOO_MANY_CLASSES',
  },
  test_set_max_rows: {
    limit: 15,
    most: () => predict(15, { rows: 5 }),
    tooMuch: () => predict(16, { rows: 5 }),
  },
  test_set_max_cells: {
    limit: 40,
    most: () => predict(10, { rows: 5, columns: 4 }),
    tooMuch: () => predict(11, { rows: 5, columns: 4 }),
  },
  test_set_max_rows_w_full_regression_output: {
    limit: 5,
    most: () => predict(5, REGRESSION, 'full'),
    tooMuch: () => predict(6, REGRESSION, 'full'),
  },
  predict_row_pairs_budget: {
    limit: 100,
    most: () => predict(5, { rows: 20 }),
    tooMuch: () => predict(6, { rows: 20 }),
  },
}

describe('the published limit', () => {
  test.each(Object.entries(CASES))('%s is the one of the settings and is enforced', async (key, given) => {
    const settings = (await server.call('GET', '/tabpfn/get_settings')).json as Settings
    for (const limits of [settings.max_model_limit, ...Object.values(settings.model_limits)]) {
      expect(limits[key as keyof ModelLimit]).toBe(given.limit)
    }
    const accepted = await given.most()
    expect([accepted.status, accepted.text]).toEqual([200, expect.any(String)])
    const refused = await given.tooMuch()
    expect([refused.status, refused.json.error_code]).toEqual([422, given.code ?? 'LIMIT_EXCEEDED'])
    expect(refused.json.errors.length).toBeGreaterThan(0)
  })

  test('dataset_max_size_bytes is the one of the settings and is enforced', async () => {
    const settings = (await server.call('GET', '/tabpfn/get_settings')).json as Settings
    expect(settings.dataset_max_size_bytes).toBe(2000)
    const info = { format: 'csv' }
    const { json } = await post('/tabpfn/prepare_train_set_upload', {
      x_train_info: info,
      y_train_info: info,
    })
    const [url] = json.x_train_info.signed_urls
    const refused = await put(url, 'x'.repeat(2001))
    expect([refused.status, refused.json.error_code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    expect((await put(url, 'x'.repeat(2000))).status).toBe(200)
    const tooLarge = { ...info, size_bytes: 2001 }
    const declared = await post('/tabpfn/prepare_train_set_upload', {
      x_train_info: tooLarge,
      y_train_info: info,
    })
    expect([declared.status, declared.json.errors[0].field]).toEqual([422, 'x_train_info.size_bytes'])
  })
})
