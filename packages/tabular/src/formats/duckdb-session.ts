/**
 * The one place that loads DuckDB, which reads and writes Parquet here. A session is a database in memory that may
 * touch a single file: no other path, no network, no extensions, no temporary files, and no setting can be changed
 * afterwards. It runs in one thread and may use a bounded amount of memory.
 */
import type { DuckDBConnection, DuckDBInstance, DuckDBResult, Json } from '@duckdb/node-api'
import { TableError } from '../table/table-error.ts'

/** Memory that DuckDB may use for itself, beside the columns that are made of its output. */
const MEMORY_LIMIT = '1GiB'

export class DuckDBSession {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  /** A session locked to one file. The caller closes it. */
  static async open(path: string): Promise<DuckDBSession> {
    // Loaded on first use: programs that only train or predict from memory never pay for it.
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const connection = await instance.connect()
    const session = new DuckDBSession(instance, connection)
    try {
      // In this order: the first four cannot be set once external access is off.
      for (const setting of [
        'autoinstall_known_extensions = false',
        'autoload_known_extensions = false',
        `allowed_paths = [${quoteText(path)}, ${quotePath(path)}]`,
        `temp_directory = ''`,
        `memory_limit = '${MEMORY_LIMIT}'`,
        'parquet_metadata_cache = true',
        'enable_external_access = false',
        'lock_configuration = true',
      ]) {
        await connection.run(`SET ${setting}`)
      }
    } catch (error) {
      session.close()
      throw error
    }
    return session
  }

  /** Run a statement and return its rows as JSON values. */
  async rows(sql: string): Promise<Json[][]> {
    const reader = await this.#connection.runAndReadAll(sql)
    return reader.getRowsJson()
  }

  /** Run a query whose result is fetched chunk by chunk while it is computed. */
  stream(sql: string): Promise<DuckDBResult> {
    return this.#connection.stream(sql)
  }

  /** The connection, for bulk appends. */
  get connection(): DuckDBConnection {
    return this.#connection
  }

  /** Stop what is running now, as soon as possible. */
  interrupt(): void {
    this.#connection.interrupt()
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

/** An SQL string literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** An SQL identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * A path as a literal for read_parquet, which would take *, ? and [ in it for a pattern of file names.
 */
export function quotePath(path: string): string {
  return quoteText(path.replace(/[*?[]/g, (character) => `[${character}]`))
}

/** What a failed query says about the file: too_large when memory ran out, else the given error. */
export function translateQueryError(error: unknown, otherwise: (message: string) => TableError): TableError {
  const message = error instanceof Error ? error.message : String(error)
  if (message.startsWith('Out of Memory')) {
    return new TableError(
      'too_large',
      `Reading the file needs more than ${MEMORY_LIMIT} of working memory. Write it with smaller row groups or ` +
        'pages, or send fewer columns.',
      { cause: error },
    )
  }
  return otherwise(message.split('\n')[0]!.slice(0, 400))
}
