/** Dialect A: requests of the flat JSON form as commands of the domain. */
import type { FitRequest, PredictRequest } from '@posterior/contracts'
import { invalidField } from '../../domain/app-error.ts'
import type { FitCommand } from '../../domain/fits/fits.ts'
import type { PredictCommand } from '../../domain/predictions/predictions.ts'

/** @throws AppError for thinking mode, which this server does not have */
export function fitCommand(body: FitRequest): FitCommand {
  const refusal = 'thinking mode is not available on this server'
  if (body.tabpfn_systems?.includes('thinking')) throw invalidField('tabpfn_systems', refusal)
  for (const field of ['thinking_effort', 'thinking_timeout_s', 'thinking_effort_metric'] as const) {
    if (body[field] != null) throw invalidField(field, refusal)
  }
  return {
    trainSetUploadId: body.train_set_upload_id,
    task: body.task,
    config: body.tabpfn_config,
    force: body.force_refit ?? false,
    configField: 'tabpfn_config',
  }
}

export function predictCommand(body: PredictRequest): PredictCommand {
  const { task, tabpfn_config, predict_params } = body.task_config
  return {
    fittedTrainSetId: body.fitted_train_set_id,
    testSetUploadId: body.test_set_upload_id,
    task,
    config: tabpfn_config,
    output: predict_params?.output_type,
    quantiles: predict_params?.quantiles,
    fields: {
      task: 'task_config.task',
      config: 'task_config.tabpfn_config',
      params: 'task_config.predict_params',
    },
  }
}
