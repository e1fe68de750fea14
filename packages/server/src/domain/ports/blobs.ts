/** Where bytes live: uploads as keys with slashes, fitted contexts as folders of their own. */

export interface BlobStore {
  /**
   * Write `source` under `key`. When it resolves the bytes survive a power cut; when it rejects nothing is left.
   *
   * @param onChunk sees each piece before it is written; what it throws rejects the whole write
   * @throws AppError STORAGE_FULL when the disk is full
   */
  write(key: string, source: AsyncIterable<Uint8Array>, onChunk?: (chunk: Uint8Array) => void): Promise<void>
  /** Join `parts` in order into `key`, as durable as `write`; the parts stay. */
  concatenate(key: string, parts: readonly string[]): Promise<void>
  /** The bytes of `keys` in order, read as they are asked for. */
  read(keys: readonly string[]): AsyncIterable<Uint8Array>
  /** A path on this machine from which `key` can be read. */
  localPath(key: string): Promise<string>
  exists(key: string): Promise<boolean>
  /** Remove what is there of `keys`; missing ones are fine. */
  remove(keys: readonly string[]): Promise<void>
  /** Every key under the store, or those in one folder of it, for the sweep of leftovers. */
  list(folder?: string): Promise<string[]>
}

/** Fitted contexts: one folder per fit, written by the engine. */
export interface ContextStore {
  /** A path where the engine may create the folder of fit `id`; nothing is there yet. */
  prepare(id: string): Promise<string>
  /** Make the folder of fit `id` survive a power cut; called before the fit is recorded as completed. */
  commit(id: string): Promise<void>
  /** The path of the committed folder of fit `id`. */
  open(id: string): Promise<string>
  remove(id: string): Promise<void>
  /** Ids that have a folder, for the sweep of leftovers. */
  list(): Promise<string[]>
}

/** Which part of which upload a signed URL is for. */
export interface UploadTarget {
  uploadId: string
  file: FileRole
  /** 0-based position of the part in the file. */
  part: number
}

/** `x`: feature columns; `y`: target. */
export type FileRole = 'x' | 'y'

export type SignatureCheck = 'valid' | 'invalid' | 'expired'

/** Issues and checks the URLs of the upload protocol. A URL alone is the credential. */
export interface UploadUrls {
  /** Path and query (or an absolute URL of another host) that accept one part until `expiresAt` (ms since 1970). */
  sign(target: UploadTarget, expiresAt: number): string
  verify(target: UploadTarget, query: { expires: string; signature: string }, now: number): SignatureCheck
}
