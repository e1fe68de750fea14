/**
 * One line on stderr that shows what is going on, redrawn in place. Writes nothing when stderr is not a terminal, so logs
 * and pipes stay clean. Forty lines do what a progress library would; none is needed.
 */

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const BAR_WIDTH = 24
const REDRAW_MS = 100

/** A progress line; call `stop` in a `finally`. */
export class Progress {
  readonly #stream: NodeJS.WritableStream
  readonly #isShown: boolean
  #timer: NodeJS.Timeout | undefined
  #label = ''
  #fraction: number | undefined
  #startedAt = 0
  #frame = 0

  constructor(stream: NodeJS.WritableStream & { isTTY?: boolean }) {
    this.#stream = stream
    this.#isShown = stream.isTTY === true
  }

  /** Begin a step without a known length: a spinner and the seconds since it began. */
  step(label: string): void {
    this.#label = label
    this.#fraction = undefined
    this.#startedAt = performance.now()
    this.#start()
  }

  /** Show a bar; `fraction` is between 0 and 1. Does not restart the clock. */
  update(fraction: number, label: string): void {
    if (!this.#timer) this.#startedAt = performance.now()
    this.#fraction = Math.min(1, Math.max(0, fraction))
    this.#label = label
    this.#start()
  }

  /** Print a line above the progress line; shown in any case. */
  note(text: string): void {
    this.#clear()
    this.#stream.write(`${text}\n`)
  }

  /** Remove the progress line. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#clear()
  }

  #start(): void {
    if (!this.#isShown || this.#timer) return
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS)
    this.#timer.unref()
    this.#draw()
  }

  #draw(): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(0)
    this.#frame = (this.#frame + 1) % FRAMES.length
    this.#clear()
    this.#stream.write(`${this.#gauge()} ${this.#label} (${seconds} s)`)
  }

  #gauge(): string {
    if (this.#fraction === undefined) return FRAMES[this.#frame]!
    const filled = Math.round(this.#fraction * BAR_WIDTH)
    return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${(this.#fraction * 100).toFixed(0).padStart(3)} %`
  }

  #clear(): void {
    if (this.#isShown) this.#stream.write('\r\x1b[2K')
  }
}
