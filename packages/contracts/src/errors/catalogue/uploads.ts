import { type ErrorEntry, invalidData } from './entry.ts'

/** Errors of the upload protocol. */
export const UPLOAD_ERRORS = {
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
} as const satisfies Record<string, ErrorEntry>
