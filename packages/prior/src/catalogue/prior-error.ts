/** What was asked of a prior that it cannot give. */

/** A request to a prior that cannot be met; the message says which part, what was expected and what came. */
export class PriorError extends Error {
  override readonly name = 'PriorError'
  /** The parameter or field that is wrong, when it is one. */
  readonly parameter: string | undefined

  constructor(message: string, parameter?: string) {
    super(message)
    this.parameter = parameter
  }
}
