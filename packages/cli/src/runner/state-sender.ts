/**
 * Uploads the state of a job as it is saved, one at a time and not more often than said, so that another runner goes on from
 * it when this machine is gone. What is not uploaded yet is uploaded later; a server that refuses it gets no more.
 */
import type { JobFolder } from './job-folder.ts'
import { JobLost, Refused, type RunnerApi } from './runner-api.ts'

export interface StateSenderOptions {
  api: RunnerApi
  folder: JobFolder
  /** From the end of an upload to the next one. */
  everyMs: number
  note: (line: string) => void
  onError: (error: unknown) => void
}

export class StateSender {
  readonly #options: StateSenderOptions
  readonly #isOn: boolean
  #isRefused = false
  #sentAt = performance.now()
  #sent = 0
  #sending: Promise<void> | undefined

  constructor(options: StateSenderOptions) {
    this.#options = options
    this.#isOn = options.folder.head.takesStates === true && options.everyMs > 0
  }

  /** A state was saved just now. */
  saved(): void {
    if (!this.#isOn || this.#isRefused || this.#sending) return
    if (performance.now() - this.#sentAt < this.#options.everyMs) return
    this.#sending = this.#send()
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#sending = undefined
        this.#sentAt = performance.now()
      })
  }

  /** Resolves when nothing is being uploaded. */
  async idle(): Promise<void> {
    await this.#sending
  }

  /** Upload what is saved, in one try: the runner is to end. What fails is what another runner does again. */
  async sendLast(): Promise<void> {
    // One that was broken off still reads its file.
    await this.idle()
    if (!this.#isOn || this.#isRefused) return
    await this.#send(true).catch(() => undefined)
  }

  async #send(isLast = false): Promise<void> {
    const { api, folder, note } = this.#options
    const packed = await folder.packState()
    if (!packed || packed.step <= this.#sent) return
    try {
      await api.saveState(folder.head, packed.archive, { isLast })
      this.#sent = packed.step
    } catch (error) {
      if (error instanceof JobLost || !(error instanceof Refused)) throw error
      this.#isRefused = true
      note(`${folder.head.runSlug}: the server does not take its state: ${error.message}`)
    }
  }
}
