/** Why a run cannot begin or go on, in words for the person who started it; anything else is a bug. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError'
}
