import type { ErrorEntry } from './entry.ts'

/** Errors of the request itself, before any data is looked at. */
export const REQUEST_ERRORS = {
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
  MALFORMED_MULTIPART: {
    status: 400,
    family: 'error.bad_request',
    message: 'The form could not be read: {reason}',
    retryable: false,
    meaning:
      'A multipart form that is broken or cut off, that lacks a part, or that has parts nobody asked for.',
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
