import { type ErrorEntry, invalidData } from './entry.ts'

/** Errors of fits and predictions: the order of calls, what became of a fit, limits. */
export const FIT_ERRORS = {
  FIT_NOT_COMPLETED: invalidData(
    'The fitted model {id} has status "{status}" and cannot predict.',
    'Predict names a fit that is still running or has failed; `message` carries the reason of a failure.',
  ),
  FIT_LOST: {
    status: 404,
    family: 'error.not_found',
    message: '{reason}',
    retryable: false,
    meaning: 'What the fit had learned is missing or damaged on the disk of the server. Fit again.',
  },
  FIT_MODEL_CHANGED: {
    status: 404,
    family: 'error.not_found',
    message: '{reason}',
    retryable: false,
    meaning: 'The model that the fit was made with was replaced or removed since. Fit again.',
  },
  TASK_MISMATCH: invalidData(
    'The model was fitted for {fitted}; the request asks for {requested}.',
    'The task of a prediction differs from the task of the fit.',
  ),
  LIMIT_EXCEEDED: invalidData(
    '{what} is {actual}; the limit is {limit}.',
    'The data is larger than the limits that the settings publish.',
  ),
  MODEL_RANGE_EXCEEDED: invalidData(
    '{reason}',
    'The data is beyond the limits that the model documents. Choose another model, or send ' +
      '`ignore_pretraining_limits: true` to use it anyway.',
  ),
} as const satisfies Record<string, ErrorEntry>
