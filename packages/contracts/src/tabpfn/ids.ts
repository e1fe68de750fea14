import { z } from 'zod'

/**
 * An id in a request. Any 8-4-4-4-12 hexadecimal text is accepted, so that an id of another system is a 404
 * (unknown) rather than a 422 (malformed); case does not matter.
 */
export const requestIdSchema = z.guid('must be a UUID').toLowerCase()

/** An id in an answer: an RFC 9562 UUID, which the official client insists on. */
export const responseIdSchema = z.uuid()
