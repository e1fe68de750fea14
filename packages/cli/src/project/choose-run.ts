/** Which run of a project is meant. */
import { slugKey } from '@posterior/contracts'
import type { CheckedProject, ReadRun } from '@posterior/project'
import { CommandError } from '../command.ts'
import { formatFinding } from './findings.ts'

/**
 * The run of this slug or file, or the only one when none is named.
 *
 * @throws CommandError that lists the runs, or says what is wrong with the file of the one
 */
export function chooseRun({ runs, findings }: CheckedProject, wanted: string | undefined): ReadRun {
  if (wanted === undefined) {
    if (runs.length === 1) return runs[0]!
    throw new CommandError(
      runs.length === 0
        ? 'The project has no run file in runs/ that can be read; "posterior validate" says more.'
        : `The project has several runs; name one of ${runs.map(({ run }) => run.order.slug).join(', ')}.`,
    )
  }
  const slug = wanted.replace(/^.*[/\\]/, '').replace(/\.(ya?ml|json)$/, '')
  const found = runs.find(({ run, id }) => [run.order.slug, id].some((one) => slugKey(one) === slugKey(slug)))
  if (found) return found
  const broken = findings.filter(
    ({ severity, path }) => severity === 'error' && /^runs\/([^/.]+)\./.exec(path)?.[1] === slug,
  )
  if (broken.length > 0) {
    throw new CommandError(`The run "${slug}" cannot be read:\n${broken.map(formatFinding).join('\n')}`)
  }
  const known = runs.map(({ run }) => run.order.slug).join(', ')
  throw new CommandError(`There is no run "${slug}" in the project; it has ${known || 'none'}.`)
}
