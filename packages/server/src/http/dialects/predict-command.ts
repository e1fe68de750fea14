import type { PredictRequest } from '@posterior/contracts'
import type { PredictCommand } from '../../domain/predictions/predictions.ts'

/** A predict request, which has one form in every dialect, as a command of the domain. */
export function predictCommand(body: PredictRequest): PredictCommand {
  const { task, tabpfn_config, predict_params } = body.task_config
  return {
    fittedTrainSetId: body.fitted_train_set_id,
    rows: { testSetUploadId: body.test_set_upload_id, field: 'test_set_upload_id' },
    task,
    config: tabpfn_config,
    output: predict_params?.output_type,
    quantiles: predict_params?.quantiles,
    fields: {
      task: 'task_config.task',
      config: 'task_config.tabpfn_config',
      output: 'task_config.predict_params.output_type',
      quantiles: 'task_config.predict_params.quantiles',
    },
  }
}
