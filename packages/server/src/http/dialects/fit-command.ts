/** Both forms of a fit request, flat and nested, as the one command of the domain. */
import type { FitRequest, SubmitFitJobRequest } from '@posterior/contracts'
import { invalidField } from '../../domain/app-error.ts'
import type { FitCommand } from '../../domain/fits/fits.ts'

const THINKING_FIELDS = [
  'thinking_effort',
  'thinking_timeout_s',
  'thinking_effort_metric',
  'thinking_metric',
  'thinking_config',
] as const

type AnyFitRequest = FitRequest | SubmitFitJobRequest

/** @throws AppError for thinking mode, which this server does not have */
export function fitCommand(body: AnyFitRequest): FitCommand {
  refuseThinking(body)
  const force = 'force_refit' in body && body.force_refit === true
  const { train_set_upload_id: trainSetUploadId } = body
  if (body.task_config) {
    const { task, tabpfn_config: config } = body.task_config
    return { trainSetUploadId, task, config, force, configField: 'task_config.tabpfn_config' }
  }
  // The schema requires one of the two forms.
  const { task, tabpfn_config: config } = body as FitRequest
  if (task == null) throw new Error('a fit request without a task passed its schema')
  return { trainSetUploadId, task, config, force, configField: 'tabpfn_config' }
}

function refuseThinking(body: Partial<FitRequest>): void {
  const refusal = 'thinking mode is not available on this server'
  if (body.tabpfn_systems?.includes('thinking')) throw invalidField('tabpfn_systems', refusal)
  for (const field of THINKING_FIELDS) if (body[field] != null) throw invalidField(field, refusal)
}
