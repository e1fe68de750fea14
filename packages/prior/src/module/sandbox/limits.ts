/** What a module may use. Each is a constant, so that a prior that passes on one machine passes on another. */

/** Bytes that a module's values may occupy. */
export const MODULE_MEMORY_BYTES = 64 * 1024 * 1024

/** Pages of 64 KiB that the whole engine may occupy, with its own tables and what lies unused between values. */
export const ENGINE_PAGES = 4_096

/** What loading a module, or drawing one sample, may take. */
export interface TimeLimits {
  /** Processor time: what other programs take of the processor does not count. */
  readonly cpuMs: number
  /**
   * Wall time after which the engine is stopped from outside, for the few operations that do not look at the processor
   * time (such as joining four thousand million empty cells). So much more that a busy machine does not matter.
   */
  readonly wallMs: number
}

export const TIME_LIMITS: TimeLimits = { cpuMs: 2_000, wallMs: 20_000 }

/** Wall time beyond the limit after which the process is killed; it stops itself before, unless it is broken. */
export const GRACE_MS = 40_000

/** Longest source of a module, in bytes of UTF-8. */
export const MOST_CODE_BYTES = 262_144

/** Numbers in all outputs of one sample together. The library inside refuses more before it makes the arrays. */
export const MOST_SAMPLE_NUMBERS = 1_000_000

/** Lines and characters that are kept of what a module prints in one sample. */
export const MOST_LOG_LINES = 50
export const LONGEST_LOG_LINE = 520
