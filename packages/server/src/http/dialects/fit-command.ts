/** Both forms of a fit request, flat and nested, as the one command of the domain. */
import type { FitRequest, SubmitFitJobRequest } from '@posterior/contracts'
import type { FitCommand } from '../../domain/fits/fits.ts'
import { thinkingCommand } from './thinking-command.ts'

type AnyFitRequest = FitRequest | SubmitFitJobRequest

/** @throws AppError for thinking fields without thinking, or that contradict each other */
export function fitCommand(body: AnyFitRequest): FitCommand {
  const force = 'force_refit' in body && body.force_refit === true
  const thinking = thinkingCommand(body)
  const shared = { trainSetUploadId: body.train_set_upload_id, force, ...(thinking && { thinking }) }
  if (body.task_config) {
    const { task, tabpfn_config: config } = body.task_config
    return { ...shared, task, config, configField: 'task_config.tabpfn_config' }
  }
  // The schema requires one of the two forms.
  const { task, tabpfn_config: config } = body as FitRequest
  if (task == null) throw new Error('a fit request without a task passed its schema')
  return { ...shared, task, config, configField: 'tabpfn_config' }
}
