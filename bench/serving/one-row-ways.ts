/** The ways to have one row predicted over HTTP, as chains of requests for the load generator. */

import { Random } from '@posterior/tabular'
import type { CannonRequest } from 'autocannon'
import type { TestServer } from '../../tests/support/start-server.ts'

export interface Way {
  title: string
  requests: CannonRequest[]
}

const random = Random.fromSeed('bench', 'http')
const row = (columns: number) => Array.from({ length: columns }, () => random.normal())
const names = (columns: number) => Array.from({ length: columns }, (_, j) => `x${j}`)

/** Rows of normal numbers as CSV with a header; the target is the sign of the sum of the first two. */
export function makeCsv(rows: number, columns: number): { x: string; y: string } {
  const cells = Array.from({ length: rows }, () => row(columns))
  return {
    x: `${[names(columns), ...cells].map((line) => line.join(',')).join('\n')}\n`,
    y: `y\n${cells.map((line) => (line[0]! + line[1]! > 0 ? 'up' : 'down')).join('\n')}\n`,
  }
}

/** A client of the API that checks each answer. */
export function apiClient(server: TestServer) {
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: headersOf(server),
      body: JSON.stringify(body),
    })
    const json = (await answer.json()) as Record<string, unknown>
    if (!answer.ok) throw new Error(`Expected 200 from ${path}, got ${JSON.stringify(json)}.`)
    return json
  }
  const put = async (url: string, body: string) => {
    const answer = await fetch(url, { method: 'PUT', body })
    if (!answer.ok) throw new Error(`Expected 200 from the PUT, got ${answer.status}.`)
  }
  return { post, put }
}

/** Fit a classifier on random rows. @returns its id and that of a test set of one row */
export async function fitAndUpload(
  server: TestServer,
  rows: number,
  columns: number,
): Promise<{ fit: string; testSet: string }> {
  const { post, put } = apiClient(server)
  const csv = { format: 'csv' }
  const train = await post('/tabpfn/prepare_train_set_upload', { x_train_info: csv, y_train_info: csv })
  const { x, y } = makeCsv(rows, columns)
  await put((train['x_train_info'] as { signed_urls: string[] }).signed_urls[0]!, x)
  await put((train['y_train_info'] as { signed_urls: string[] }).signed_urls[0]!, y)
  const fitted = await post('/tabpfn/fit', {
    train_set_upload_id: train['train_set_upload_id'],
    task: 'classification',
  })
  const fit = fitted['fitted_train_set_id'] as string
  const test = await post('/tabpfn/prepare_test_set_upload', { fitted_train_set_id: fit, x_test_info: csv })
  await put((test['x_test_info'] as { signed_urls: string[] }).signed_urls[0]!, makeCsv(1, columns).x)
  return { fit, testSet: test['test_set_upload_id'] as string }
}

/**
 * The ways: rows sent the way of the TabPFN API, rows that are there already, rows in the request.
 *
 * @param onCycle told the milliseconds from the first request of a chain to the answer of its last
 */
export function waysOf(
  server: TestServer,
  { fit, testSet, columns }: { fit: string; testSet: string; columns: number },
  onCycle: (ms: number) => void,
): Way[] {
  const headers = headersOf(server)
  const predict = (id: unknown) =>
    JSON.stringify({
      fitted_train_set_id: fit,
      test_set_upload_id: id,
      task_config: { task: 'classification' },
    })
  const post = (path: string) => ({ method: 'POST', path, headers })
  const begin = (context: Record<string, unknown>) => {
    context['start'] = performance.now()
  }
  const end: CannonRequest['onResponse'] = (status, _body, context) => {
    if (status === 200) onCycle(performance.now() - (context['start'] as number))
  }
  return [
    {
      title: 'prepare + PUT + predict',
      requests: [
        {
          ...post('/tabpfn/prepare_test_set_upload'),
          body: JSON.stringify({ fitted_train_set_id: fit, x_test_info: { format: 'csv' } }),
          setupRequest: (request, context) => {
            begin(context)
            return request
          },
          onResponse: (_status, body, context) => {
            const answer = JSON.parse(body)
            context['url'] = answer.x_test_info.signed_urls[0].slice(server.url.length)
            context['testSet'] = answer.test_set_upload_id
          },
        },
        {
          method: 'PUT',
          setupRequest: (request, context) => ({
            ...request,
            path: String(context['url']),
            body: makeCsv(1, columns).x,
          }),
        },
        {
          ...post('/tabpfn/predict'),
          setupRequest: (request, context) => ({ ...request, body: predict(context['testSet']) }),
          onResponse: end,
        },
      ],
    },
    {
      title: '/tabpfn/predict, rows uploaded before',
      requests: [
        {
          ...post('/tabpfn/predict'),
          setupRequest: (request, context) => {
            begin(context)
            return { ...request, body: predict(testSet) }
          },
          onResponse: end,
        },
      ],
    },
    {
      title: '/tabpfn/fit/ID/predict, row in the request',
      requests: [
        {
          ...post(`/tabpfn/fit/${fit}/predict`),
          setupRequest: (request, context) => {
            begin(context)
            return { ...request, body: JSON.stringify({ rows: [row(columns)] }) }
          },
          onResponse: end,
        },
      ],
    },
    {
      title: 'container /predict, row in the request',
      requests: [
        {
          ...post('/predict'),
          setupRequest: (request, context) => {
            begin(context)
            const asked = { task_config: { task: 'classification' }, context: { model_id: fit } }
            return { ...request, body: JSON.stringify({ ...asked, X_test: [row(columns)] }) }
          },
          onResponse: end,
        },
      ],
    },
  ]
}

function headersOf({ token }: TestServer): Record<string, string> {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
}
