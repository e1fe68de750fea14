import { expect, test } from 'vitest'
import type { Fit } from '../../domain/ports/stores.ts'
import { fitStatus } from './fit-status.ts'

const fit: Fit = {
  id: '0b6e5b7e-7c3f-4b0c-9b58-2b1a0d7a1c11',
  accountId: 'a',
  trainSetUploadId: 'u',
  task: 'classification',
  config: {},
  thinking: null,
  fingerprint: 'f',
  model: 'm',
  status: 'pending',
  trainRows: null,
  columns: null,
  classes: null,
  errorCode: null,
  errorMessage: null,
  createdAt: 1_000,
  completedAt: null,
}

test.each([
  [1_000, 0.5],
  [900, 0.5],
  [21_000, 2],
  [3_601_000, 5],
])('a pending fit is to be asked about sooner the younger it is: at %i ms after %f s', (now, seconds) => {
  expect(fitStatus(fit, now)).toMatchObject({ status: 'pending', retry_in_secs: seconds, error: null })
})

test('a fit that has ended says so, with the reason of a failure, and asks for no other question', () => {
  expect(fitStatus({ ...fit, status: 'completed' }, 2_000)).toMatchObject({
    retry_in_secs: null,
    error: null,
  })
  const failed: Fit = { ...fit, status: 'failed', errorCode: 'ONE_CLASS', errorMessage: 'one class only' }
  expect(fitStatus(failed, 2_000)).toMatchObject({
    status: 'failed',
    retry_in_secs: null,
    error: 'one class only',
    error_code: 'ONE_CLASS',
  })
})
