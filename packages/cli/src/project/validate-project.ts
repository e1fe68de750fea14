/** `posterior validate`: what is wrong with the files of a project. */
import { toJson } from '../admin/print.ts'
import type { CommandContext, OptionValues } from '../command.ts'
import { formatFinding } from './findings.ts'
import { checkFolder } from './open-project.ts'

export interface ValidateRequest {
  values: OptionValues
  folder: string | undefined
  context: CommandContext
}

/** Run the command. @returns 0, or 1 when there are errors */
export async function validateProject({ values, folder = '.', context }: ValidateRequest): Promise<number> {
  const { documents, runs, findings } = await checkFolder(folder)
  const counts = { error: 0, warning: 0 }
  for (const { severity } of findings) counts[severity]++
  const isValid = counts.error === 0
  if (values['json']) {
    context.stdout.write(toJson({ valid: isValid, errors: counts.error, warnings: counts.warning, findings }))
    return isValid ? 0 : 1
  }
  for (const finding of findings) context.stdout.write(`${formatFinding(finding)}\n`)
  const kinds = (['prior', 'model', 'eval'] as const).map((kind) =>
    counted(documents.filter((document) => document.kind === kind).length, kind),
  )
  const contents = [...kinds, counted(runs.length, 'run')].join(', ')
  context.stderr.write(
    `${contents}: ${counted(counts.error, 'error')}, ${counted(counts.warning, 'warning')}.\n`,
  )
  return isValid ? 0 : 1
}

/** `1 error`, `2 errors`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
