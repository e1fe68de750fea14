/** CSV files in which features and target stand side by side. */
import { invalidField } from '../app-error.ts'
import type { Fit } from '../ports/stores.ts'
import type { TableFiles } from '../ports/tables.ts'
import type { UploadFiles } from '../uploads/files.ts'
import type { StagedFile, StagedFiles } from './staged-files.ts'

/** Column names shown in a message. */
const MAX_NAMES_SHOWN = 10

export class TargetColumn {
  readonly #staged: StagedFiles
  readonly #tables: TableFiles
  readonly #files: UploadFiles

  constructor(deps: { staged: StagedFiles; tables: TableFiles; files: UploadFiles }) {
    this.#staged = deps.staged
    this.#tables = deps.tables
    this.#files = deps.files
  }

  /**
   * Cut a table into features and target. The given file stays.
   *
   * @param fields what file and column are called in the request
   * @throws AppError REQUEST_VALIDATION_ERROR when there is no such column; the errors of CSV files
   */
  async split(
    dataset: StagedFile,
    target: string,
    fields: { file: string; target: string },
  ): Promise<{ x: StagedFile; y: StagedFile }> {
    const path = await this.#staged.path(dataset)
    const names = await this.#tables.csvHeader(path, fields.file)
    if (!names.includes(target)) {
      const shown = names.slice(0, MAX_NAMES_SHOWN).join(', ') + (names.length > MAX_NAMES_SHOWN ? ', …' : '')
      throw invalidField(fields.target, `"${target}" is not a column of ${fields.file}, which has: ${shown}`)
    }
    const part = (isKept: (name: string) => boolean) =>
      this.#staged.add(this.#tables.csvColumns(path, fields.file, isKept), 'csv')
    const x = await part((name) => name !== target)
    try {
      return { x, y: await part((name) => name === target) }
    } catch (error) {
      await this.#staged.discard([x])
      throw error
    }
  }

  /**
   * The rows to predict without the target of the fit, which some programs leave in. It is dropped only when it is the
   * one column too many, so that a feature of the same name stays. The given file is used up when another one comes back.
   */
  async drop(rows: StagedFile, fit: Fit, field: string): Promise<StagedFile> {
    const target = await this.#nameOf(fit)
    if (target === undefined) return rows
    const path = await this.#staged.path(rows)
    const names = await this.#tables.csvHeader(path, field)
    if (names.length !== (fit.columns ?? 0) + 1 || !names.includes(target)) return rows
    const without = await this.#staged.add(
      this.#tables.csvColumns(path, field, (name) => name !== target),
      'csv',
    )
    await this.#staged.discard([rows])
    return without
  }

  /** The header of the target; undefined when it did not come as CSV. */
  async #nameOf(fit: Fit): Promise<string | undefined> {
    const upload = await this.#files.requireComplete(fit.accountId, fit.trainSetUploadId, 'train')
    const { y } = await this.#files.open(upload)
    if (y?.format !== 'csv') return undefined
    const [name] = await this.#tables.csvHeader(y.path, 'y_train')
    return name
  }
}
