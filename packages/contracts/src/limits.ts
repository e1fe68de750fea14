/**
 * Limits that are part of the contract rather than of an installation. What an installation sets is answered by
 * the settings route.
 */

/** Most ensemble members of one fit. */
export const MAX_ESTIMATORS = 32

/** Most ensemble members in the first version of the API. */
export const MAX_V1_ESTIMATORS = 10

/** Most rows of one prediction with `output_type: "full"`. */
export const MAX_FULL_OUTPUT_ROWS = 400

/** Most quantiles of one prediction. */
export const MAX_QUANTILES = 999

/** Most signed URLs of one chunked file. */
export const MAX_UPLOAD_PARTS = 64

/** Largest JSON body, in bytes. */
export const MAX_JSON_BODY_BYTES = 1_048_576

/** Longest description of a training set, in characters. */
export const MAX_DESCRIPTION_LENGTH = 10_000
