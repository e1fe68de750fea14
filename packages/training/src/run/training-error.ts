/** Why a run cannot begin or go on, in words for the person who started it; anything else is a bug. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError'
}

/** The process of a run ended before the run did: it was killed, or ran out of memory. The run can go on from its state. */
export class TrainingInterrupted extends TrainingError {}
