import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { csvColumns, fromRows, readCsvHeader, writeParquet } from '@posterior/tabular'
import type { Ids } from '../../domain/ports/system.ts'
import type { InlineRows, TableFiles } from '../../domain/ports/tables.ts'
import { translateError } from '../engine/translate-error.ts'

/** Tables by the code of the tabular package; files that pass by stand in a folder for temporary ones. */
export class FolderTableFiles implements TableFiles {
  readonly #folder: string
  readonly #ids: Ids

  /** @param folder an existing one, emptied at each start */
  constructor(folder: string, ids: Ids) {
    this.#folder = folder
    this.#ids = ids
  }

  async csvHeader(path: string, field: string): Promise<string[]> {
    return readCsvHeader(path).catch((error: unknown) => {
      throw translateError(error, { field })
    })
  }

  async *csvColumns(
    path: string,
    field: string,
    isKept: (name: string) => boolean,
  ): AsyncIterable<Uint8Array> {
    try {
      yield* csvColumns(path, isKept)
    } catch (error) {
      throw translateError(error, { field })
    }
  }

  async *parquet(rows: InlineRows, field: string): AsyncIterable<Uint8Array> {
    const path = join(this.#folder, `${this.#ids.newId()}.parquet`)
    try {
      const names = (rows[0] ?? []).map((_, j) => String(j))
      await writeParquet(fromRows(names, rows), path)
      yield* createReadStream(path)
    } catch (error) {
      throw translateError(error, { field })
    } finally {
      await rm(path, { force: true })
    }
  }
}
