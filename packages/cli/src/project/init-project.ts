/** `posterior init`: write the starter project. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { slugOf, studioNameSchema } from '@posterior/contracts'
import { type CommandContext, CommandError, type OptionValues, UsageError } from '../command.ts'
import { shownPath } from '../shown-path.ts'
import { starterFiles } from './starter-files.ts'

export interface InitRequest {
  values: OptionValues
  folder: string | undefined
  context: CommandContext
}

/** Run the command. @returns 0; everything else is thrown */
export async function initProject({ values, folder = '.', context }: InitRequest): Promise<number> {
  const root = resolve(folder)
  const { data: name, error } = studioNameSchema.safeParse(values['name'] ?? (basename(root) || 'project'))
  if (error) throw new UsageError(`--name ${error.issues[0]?.message}.`)
  const slug = slugOf(name)
  if (slug === undefined) {
    throw new UsageError(`"${name}" has no letter or digit to make a slug of; choose another --name.`)
  }
  const files = starterFiles({ name, slug })
  const present = files.map(({ path }) => path).filter((path) => existsSync(join(root, path)))
  if (present.length > 0) {
    throw new CommandError(
      `${root} has ${present.join(', ')} already; nothing was written. Choose another folder.`,
    )
  }
  for (const { path, text } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    // Also what came into being meanwhile stays as it is.
    await writeFile(join(root, path), text, { flag: 'wx' })
    context.stdout.write(`${path}\n`)
  }
  const shown = shownPath(root)
  const enter = shown === '.' ? '' : `cd ${shown} && `
  context.stderr.write(
    `The project "${name}" is ready. Next: ${enter}posterior validate && posterior train first\n`,
  )
  return 0
}
