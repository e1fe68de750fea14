/**
 * The error catalogue: every failure that a caller can meet, with its HTTP status, its wire names, whether trying
 * again can help, and the text of the reference page. A code is part of the contract: never renamed, never reused.
 */

/** Wire value of `code` in the envelope: the families that the published OpenAPI names, plus our own. */
export type ErrorFamily =
  | 'auth.unauthorized'
  | 'auth.forbidden'
  | 'error.not_found'
  | 'error.bad_request'
  | 'error.conflict'
  | 'error.payload_too_large'
  | 'error.unsupported_media_type'
  | 'error.method_not_allowed'
  | 'error.internal'
  | 'error.unavailable'
  | 'validation.failed'

/** One row of the catalogue. */
export interface ErrorEntry {
  /** HTTP status; the real one, never a 200 with a failure inside unless the answer had already started. */
  status: number
  family: ErrorFamily
  /** Text for the caller; `{name}` is filled from the parameters given where the error is raised. */
  message: string
  /** Whether the same request may succeed later without any change. */
  retryable: boolean
  /** Reference page: when it happens and what to do. */
  meaning: string
}

const invalidData = (message: string, meaning: string): ErrorEntry => ({
  status: 422,
  family: 'validation.failed',
  message,
  retryable: false,
  meaning,
})

/** Errors of the request itself, before any data is looked at. */
const REQUEST_ERRORS = {
  UNAUTHORIZED: {
    status: 401,
    family: 'auth.unauthorized',
    message: 'Not authenticated. Send the header "Authorization: Bearer <token>".',
    retryable: false,
    meaning: 'The bearer token is missing, malformed, unknown, expired or revoked.',
  },
  INVALID_SIGNATURE: {
    status: 403,
    family: 'auth.forbidden',
    message: 'The upload URL is not valid. Use the URL exactly as the prepare call returned it.',
    retryable: false,
    meaning: 'The signature of an upload URL does not match its path and expiry: it was changed or cut off.',
  },
  EXPIRED_SIGNATURE: {
    status: 403,
    family: 'auth.forbidden',
    message: 'The upload URL expired at {expiredAt}. Prepare the upload again to get a new one.',
    retryable: false,
    meaning: 'An upload URL is used after the `expires_at` of the prepare answer.',
  },
  NOT_FOUND: {
    status: 404,
    family: 'error.not_found',
    message: '{what} not found.',
    retryable: false,
    meaning:
      'No such route, or an upload or fitted model that does not exist, was deleted, or belongs to another account.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    family: 'error.method_not_allowed',
    message: '{method} is not allowed on {path}; allowed: {allowed}.',
    retryable: false,
    meaning: 'The path exists with another method, named in the `Allow` header.',
  },
  MALFORMED_REQUEST: {
    status: 400,
    family: 'error.bad_request',
    message: 'The request could not be read: {reason}',
    retryable: false,
    meaning: 'The URL, the headers or the HTTP framing of the request are not valid.',
  },
  MALFORMED_JSON: {
    status: 400,
    family: 'error.bad_request',
    message: 'The request body is not valid JSON: {reason}',
    retryable: false,
    meaning: 'The body of a JSON route is empty or not JSON. NaN and Infinity are not JSON; send null.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    family: 'error.unsupported_media_type',
    message: 'Content type "{contentType}" is not accepted here; send application/json.',
    retryable: false,
    meaning: 'A JSON route received a body of another content type.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    family: 'error.payload_too_large',
    message: 'The body is larger than the limit of {limitBytes} bytes.',
    retryable: false,
    meaning:
      'A JSON body or an uploaded file is larger than allowed. Nothing of it is kept. ' +
      'The limit for files is `dataset_max_size_bytes` of the settings.',
  },
  REQUEST_VALIDATION_ERROR: {
    status: 422,
    family: 'validation.failed',
    message: 'The request is not valid.',
    retryable: false,
    meaning: 'A field is missing, unknown or has a value that is not allowed; `errors` names each one.',
  },
} as const satisfies Record<string, ErrorEntry>

/** Errors of the upload protocol and of the order of calls. */
const FLOW_ERRORS = {
  DUPLICATE_TRAIN_SET_UPLOAD: {
    status: 409,
    family: 'error.conflict',
    message: 'This training set was already uploaded; use train_set_upload_id {id}.',
    retryable: false,
    meaning:
      'An upload with the same hashes, sizes and formats is complete and verified. The answer carries its id; ' +
      'skip the upload, or send `force_reupload: true`.',
  },
  DUPLICATE_TEST_SET_UPLOAD: {
    status: 409,
    family: 'error.conflict',
    message: 'This test set was already uploaded; use test_set_upload_id {id}.',
    retryable: false,
    meaning: 'As DUPLICATE_TRAIN_SET_UPLOAD, for the rows to predict of one fitted model.',
  },
  UPLOAD_IN_USE: {
    status: 409,
    family: 'error.conflict',
    message:
      'This upload was already used and can no longer change. Prepare a new upload for different content.',
    retryable: false,
    meaning:
      'Other bytes are sent to an upload that a fit or a prediction has read. The same bytes are accepted again.',
  },
  UPLOAD_INCOMPLETE: invalidData(
    '{file} has not been received completely: {received} of {expected} parts arrived.',
    'Fit or predict names an upload whose file is not there yet. PUT every signed URL first.',
  ),
  UPLOAD_HASH_MISMATCH: invalidData(
    '{file} does not match its hash: expected CRC32C {expected}, received {actual}. Upload it again.',
    'The bytes that arrived are not the bytes whose hash was declared. Send the file again to the same URLs.',
  ),
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
    'The data is outside the range that the model was trained on. Choose another model, or send ' +
      '`ignore_pretraining_limits: true` to use it anyway.',
  ),
} as const satisfies Record<string, ErrorEntry>

/** Errors of the data, found when a file is read. Messages come from the reader and name file, line or column. */
const DATA_ERRORS = {
  CSV_EMPTY: invalidData('{reason}', 'A CSV file without a header row.'),
  CSV_RAGGED: invalidData('{reason}', 'A CSV row has more or fewer fields than the header.'),
  CSV_INVALID: invalidData(
    '{reason}',
    'A CSV file that cannot be read: an unclosed quote, an encoding other than UTF-8, a binary file, or a huge field.',
  ),
  PARQUET_INVALID: invalidData('{reason}', 'Not a Parquet file, cut off, or damaged.'),
  PARQUET_UNSUPPORTED: invalidData('{reason}', 'A Parquet column of a kind that has no meaning in a table.'),
  DUPLICATE_COLUMN: invalidData('{reason}', 'Two columns have the same name.'),
  NO_COLUMNS: invalidData('{reason}', 'A table without columns.'),
  NO_ROWS: invalidData('{reason}', 'A table with a header and no rows.'),
  ROW_COUNT_MISMATCH: invalidData('{reason}', 'Features and target have different numbers of rows.'),
  WRONG_COLUMNS: invalidData(
    '{reason}',
    'The rows to predict have other columns than the training rows. The same names in any order, or the same number ' +
      'of columns, are accepted.',
  ),
  BAD_VALUE: invalidData('{reason}', 'A cell holds a value that cannot be used, such as infinity.'),
  ONE_CLASS: invalidData('{reason}', 'A classification target with a single class.'),
  TOO_MANY_CLASSES: invalidData(
    '{reason}',
    'A classification target with more classes than the model can tell apart.',
  ),
  TARGET_MISSING_VALUES: invalidData('{reason}', 'The target has missing values.'),
  TARGET_NOT_NUMERIC: invalidData(
    '{reason}',
    'A regression target that is not a finite number in every row.',
  ),
  INVALID_DATA: invalidData('{reason}', 'Any other reason why the data cannot be used; `message` tells.'),
} as const satisfies Record<string, ErrorEntry>

/** Failures of the server itself. */
const SERVER_ERRORS = {
  GENERAL_ERROR: {
    status: 500,
    family: 'error.internal',
    message: 'An internal error happened. Report the trace ID to the operator of this server.',
    retryable: false,
    meaning: 'A bug or a damaged installation. The log has the cause under the trace ID.',
  },
  SERVER_BUSY: {
    status: 503,
    family: 'error.unavailable',
    message: 'The server is working on as many requests as it accepts. Try again in a moment.',
    retryable: true,
    meaning: 'The queue of the engine is full. `Retry-After` says when to try again.',
  },
  NOT_READY: {
    status: 503,
    family: 'error.unavailable',
    message: 'The server is not ready: {reason}',
    retryable: true,
    meaning: 'The server is starting, its self-test failed, or no usable model is installed.',
  },
  ENGINE_FAILED: {
    status: 503,
    family: 'error.unavailable',
    message: 'The computation broke off. Try again; if it happens again, send less data at a time.',
    retryable: true,
    meaning: 'A process of the engine died or cannot be started, mostly for lack of memory.',
  },
  SHUTTING_DOWN: {
    status: 503,
    family: 'error.unavailable',
    message: 'The server is shutting down. Try again in a moment.',
    retryable: true,
    meaning: 'The server takes no new work and finishes what is running.',
  },
  FIT_INTERRUPTED: {
    status: 503,
    family: 'error.unavailable',
    message: 'The work was interrupted because the server stopped. Send the request again.',
    retryable: true,
    meaning: 'A fit or a prediction did not end before the server had to stop. The upload is kept.',
  },
  STORAGE_FULL: {
    status: 507,
    family: 'error.unavailable',
    message: 'The server has no storage left for this file.',
    retryable: false,
    meaning: 'The disk of the server is full. Nothing of the file is kept; earlier data is not affected.',
  },
} as const satisfies Record<string, ErrorEntry>

/** All errors by their wire `error_code`. */
export const ERRORS = { ...REQUEST_ERRORS, ...FLOW_ERRORS, ...DATA_ERRORS, ...SERVER_ERRORS }

/** Wire value of `error_code`. */
export type ErrorCode = keyof typeof ERRORS

/** The entry of `code`. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return ERRORS[code]
}

/** Whether `value` is an `error_code` of the catalogue. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value)
}

/**
 * The message of `code` with `{name}` filled from `params`.
 *
 * @throws Error when the template names a parameter that is not given: a bug where the error is raised
 */
export function errorMessage(
  code: ErrorCode,
  params: Readonly<Record<string, string | number>> = {},
): string {
  return ERRORS[code].message.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`error ${code} needs the parameter "${name}"`)
    return String(value)
  })
}
