import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { csvChunks, csvColumns, readCsvHeader, type Table, writeParquet } from '@posterior/tabular'
import type { InlineTable } from '../../domain/ports/predictor.ts'
import type { Ids } from '../../domain/ports/system.ts'
import type { InlineFile, TableFiles } from '../../domain/ports/tables.ts'
import { tableOf } from '../engine/inline-table.ts'
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

  inline(given: InlineTable, field: string): InlineFile {
    const { table } = tableOf({ table: given, field })
    // Parquet costs tens of milliseconds in this process and as many in the one that reads it.
    if (isPlainInCsv(table)) return { format: 'csv', content: csvBytes(table) }
    return { format: 'parquet', content: this.#parquet(table, field) }
  }

  async *#parquet(table: Table, field: string): AsyncIterable<Uint8Array> {
    const path = join(this.#folder, `${this.#ids.newId()}.parquet`)
    try {
      await writeParquet(table, path)
      yield* createReadStream(path)
    } catch (error) {
      throw translateError(error, { field })
    } finally {
      await rm(path, { force: true })
    }
  }
}

/** Whether reading the table's CSV gives the same columns: all of numbers, none of which is empty, huge or infinite. */
function isPlainInCsv({ columns }: Table): boolean {
  const isPlain = (value: number) => Number.isNaN(value) || Math.abs(value) <= Number.MAX_SAFE_INTEGER
  return (
    columns.length > 0 &&
    columns.every(
      (column) =>
        column.kind === 'number' &&
        column.values.every(isPlain) &&
        column.values.some((value) => !Number.isNaN(value)),
    )
  )
}

async function* csvBytes(table: Table): AsyncGenerator<Uint8Array> {
  for (const text of csvChunks(table)) yield Buffer.from(text)
}
