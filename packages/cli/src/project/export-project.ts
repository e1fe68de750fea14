/** `posterior export`: a folder, or a project of a server, as an archive. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { slugOf } from '@posterior/contracts'
import { type CommandContext, CommandError, type OptionValues } from '../command.ts'
import { packProject } from './pack-project.ts'
import { connectTo, requireSuccess } from './server-connection.ts'

export interface ExportRequest {
  values: OptionValues
  source: string | undefined
  context: CommandContext
}

interface Archive {
  slug: string
  bytes: Uint8Array
  left: readonly string[]
}

/** Run the command. @returns exit code 0; everything else is thrown */
export async function exportProject({ values, source = '.', context }: ExportRequest): Promise<number> {
  const withBrains = values['brains'] === true
  const remote = /^([^@/\\]+)@(.*)$/.exec(source)
  const { slug, bytes, left } = remote
    ? await fromServer(remote[1]!, remote[2]!, { withBrains, context })
    : await fromFolder(resolve(source), withBrains)
  for (const path of left) context.stderr.write(`left out: ${path}\n`)
  const out = String(values['out'] ?? `${slug}.tar.gz`)
  if (out === '-') {
    context.stdout.write(bytes)
    return 0
  }
  await writeWhole(out, bytes)
  context.stdout.write(`${out}\n`)
  return 0
}

async function fromFolder(folder: string, withBrains: boolean): Promise<Archive> {
  const { head, tar, left } = await packProject(folder, { withBrains })
  const slug = head.slug ?? slugOf(head.name ?? basename(folder)) ?? 'project'
  return { slug, bytes: gzipSync(tar), left }
}

async function fromServer(
  project: string,
  url: string,
  { withBrains, context }: { withBrains: boolean; context: CommandContext },
): Promise<Archive> {
  const server = connectTo(url || undefined, context)
  const path = `/projects/${encodeURIComponent(project)}`
  const found = requireSuccess(await server.call('GET', path), `The project "${project}"`)
  const answer = requireSuccess(
    await server.call('GET', `${path}/export${withBrains ? '?brains=true' : ''}`),
    `The project "${project}"`,
  )
  const { slug } = (found.json ?? {}) as { slug?: string }
  return { slug: slug ?? project, bytes: answer.bytes, left: [] }
}

/** Beside its name first, so that nobody sees half a file. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.part`
  try {
    await writeFile(draft, bytes)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    const { code } = error as NodeJS.ErrnoException
    throw new CommandError(
      `Could not write ${path} (${code}). Choose a folder that exists and can be written to.`,
    )
  }
}
