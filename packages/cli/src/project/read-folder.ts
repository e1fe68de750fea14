/** The files of a project in a folder: those of the layout, and nothing that lies beside them. */
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MAX_ARCHIVE_BYTES, MAX_ARCHIVE_ENTRIES } from '@posterior/contracts'
import type { TarFile } from '@posterior/project'
import { CommandError } from '../command.ts'

/** What a project has at its top. Brains in `runs/` are folders and no part of it. */
const LAYOUT: readonly RegExp[] = [
  /^(project\.yaml|README\.md|ROADMAP\.md|LICENSE)$/,
  /^(priors|models|evals|datasets|versions|blocks|initiatives|literature)\/.+/,
  /^runs\/[^/]+\.(ya?ml|json)$/,
]

/** Folders that may hold files of the layout. */
const FOLDERS = [
  'priors',
  'models',
  'evals',
  'datasets',
  'versions',
  'blocks',
  'initiatives',
  'literature',
  'runs',
]

/** What makes a folder a project; a repository may have a folder called `models` for other reasons. */
const MARK =
  /^(project\.yaml|priors\/[^/]+\/prior\.(ya?ml|json)|datasets\/[^/]+\/dataset\.(ya?ml|json)|(models|evals|runs)\/[^/.]+\.(ya?ml|json))$/

/** Whether a folder holds a project. */
export async function isProject(folder: string): Promise<boolean> {
  return existsSync(folder) && (await listPaths(resolve(folder))).some((path) => MARK.test(path))
}

/**
 * The files of the project in `folder`, by path.
 *
 * @throws CommandError when there is none, or when it is larger than any project may be
 */
export async function readFolder(folder: string): Promise<TarFile[]> {
  const root = resolve(folder)
  if (!existsSync(root)) throw new CommandError(`There is no folder ${root}.`)
  const paths = await listPaths(root)
  if (!paths.some((path) => MARK.test(path))) {
    throw new CommandError(
      `There is no project in ${root}: no project.yaml, and no prior, model, eval or run. "posterior init" makes one.`,
    )
  }
  const files: TarFile[] = []
  let bytes = 0
  for (const path of paths) {
    bytes += (await stat(join(root, path))).size
    if (bytes > MAX_ARCHIVE_BYTES) {
      throw new CommandError(
        `The files of the project in ${root} have more than ${MAX_ARCHIVE_BYTES} bytes. Move ${path} elsewhere.`,
      )
    }
    files.push({ path, bytes: await readFile(join(root, path)) })
  }
  return files
}

async function listPaths(root: string): Promise<string[]> {
  const paths: string[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === '__pycache__')
        continue
      if (entry.isDirectory() && (folder === '' ? FOLDERS.includes(path) : folder !== 'runs'))
        await walk(path)
      // Links may lead out of the project.
      if (!entry.isFile() || !LAYOUT.some((pattern) => pattern.test(path))) continue
      paths.push(path)
      if (paths.length > MAX_ARCHIVE_ENTRIES) {
        throw new CommandError(`The project in ${root} has more than ${MAX_ARCHIVE_ENTRIES} files.`)
      }
    }
  }
  await walk('')
  return paths.sort()
}
