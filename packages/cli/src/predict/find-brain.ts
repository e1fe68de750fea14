/** A brain by its folder, or by the run of a project that trained it. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MANIFEST_FILE, parseManifest } from '@posterior/model'
import type { LocalTarget } from '@posterior/server'
import { brainInputsOf } from '@posterior/training'
import { CommandError } from '../command.ts'
import { shownPath } from '../shown-path.ts'

export type Brain = LocalTarget & { inputs: NonNullable<LocalTarget['inputs']> }

/**
 * The brain that is meant: a folder with a manifest, or with `model/` in it, or a run of the project in `project`.
 *
 * @throws CommandError that says where it was looked for
 */
export async function findBrain(wanted: string, project: string): Promise<Brain> {
  const slug = wanted.replace(/^.*[/\\]/, '').replace(/\.(ya?ml|json)$/, '')
  const places = [wanted, join(wanted, 'model'), join(project, 'runs', slug, 'model')].map((path) =>
    resolve(path),
  )
  const folder = places.find((path) => existsSync(join(path, MANIFEST_FILE)))
  if (folder === undefined) {
    throw new CommandError(
      `There is no brain "${wanted}": neither a folder with ${MANIFEST_FILE} nor ${shownPath(places.at(-1)!)}. Train it with "posterior train ${slug}".`,
    )
  }
  const manifest = await readManifestOf(folder)
  const name = folder === places.at(-1) ? slug : manifest.name
  return { model: { folder }, name, inputs: brainInputsOf(manifest) }
}

async function readManifestOf(folder: string) {
  const path = join(folder, MANIFEST_FILE)
  try {
    return parseManifest(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new CommandError(`${shownPath(path)} is no manifest of a brain: ${(cause as Error).message}.`, {
      cause,
    })
  }
}
