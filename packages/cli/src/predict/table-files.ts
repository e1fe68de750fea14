/** Tables from and to files on the command line: the format follows the extension. */
import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { readTable, type Table, writeCsv, writeParquet } from '@posterior/tabular'
import { CommandError } from '../command.ts'

/** `csv` for .csv and .txt, `parquet` for .parquet and .pq. @throws CommandError for anything else */
export function formatOf(path: string): 'csv' | 'parquet' {
  const extension = extname(path).toLowerCase()
  if (extension === '.csv' || extension === '.txt') return 'csv'
  if (extension === '.parquet' || extension === '.pq') return 'parquet'
  throw new CommandError(`Expected a file ending in .csv or .parquet, got ${path}.`)
}

/** Read a table. @throws CommandError when the file is not there; TableError when it is not what its name says */
export async function readTableFile(path: string): Promise<Table> {
  const format = formatOf(path)
  if (!existsSync(path)) throw new CommandError(`There is no file ${path}.`)
  return await readTable({ path, format })
}

/** Write a table beside its name first, then rename, so that a reader never sees half a file. */
export async function writeTableFile(table: Table, path: string): Promise<void> {
  const format = formatOf(path)
  const draft = `${path}.${process.pid}.part`
  try {
    await (format === 'csv' ? writeFile(draft, writeCsv(table)) : writeParquet(table, draft))
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    const code = (error as NodeJS.ErrnoException).code
    if (code)
      throw new CommandError(
        `Could not write ${path} (${code}). Choose a folder that exists and can be written to.`,
      )
    throw error
  }
}
