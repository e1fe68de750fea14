/** Refuse labels and probabilities that are not of one table. @throws RangeError */
export function checkRows(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): void {
  if (probabilities.length !== labels.length * classes) {
    throw new RangeError(
      `${labels.length} labels and ${classes} classes need ${labels.length * classes} probabilities, ` +
        `got ${probabilities.length}`,
    )
  }
}
