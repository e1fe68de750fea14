/** `posterior models`: the models in a folder, or one of them in full. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { limitsOf, MANIFEST_FILE, type ModelManifest, parameterCount, readManifest } from '@posterior/model'
import { type CommandContext, CommandError, type OptionValues } from '../command.ts'
import { modelsFolder } from '../models-folder.ts'

const CARD_FILE = 'README.md'

export interface ShowModelsRequest {
  values: OptionValues
  /** Model to show in full; all are listed when absent. */
  name: string | undefined
  context: CommandContext
}

interface Listed {
  folder: string
  manifest: ModelManifest
}

/** Run the command. @returns exit code 0; everything else is thrown */
export async function showModels({ values, name, context }: ShowModelsRequest): Promise<number> {
  const root = modelsFolder(values, context.env)
  const models = await readModels(root)
  if (name === undefined) {
    context.stdout.write(values['json'] ? toJson(models.map(describe)) : listText(models, root))
    return 0
  }
  const model = models.find(({ manifest }) => manifest.name === name)
  if (!model) {
    const names = models.map(({ manifest }) => manifest.name).join(', ')
    throw new CommandError(
      `There is no model '${name}' in ${root}; there ${names ? `are ${names}` : 'is none at all'}.`,
    )
  }
  context.stdout.write(values['json'] ? toJson(describe(model)) : detailText(model))
  return 0
}

async function readModels(root: string): Promise<Listed[]> {
  const folders = readdirSync(root)
    .sort()
    .map((entry) => join(root, entry))
    .filter((folder) => existsSync(join(folder, MANIFEST_FILE)))
  return await Promise.all(folders.map(async (folder) => ({ folder, manifest: await readManifest(folder) })))
}

/** What the list and `--json` say of a model. */
function describe({ folder, manifest }: Listed) {
  const { name, version, tasks, licence, trainedRange, training, files } = manifest
  const limits = limitsOf(manifest)
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0)
  const weights = parameterCount(manifest.architecture)
  return { name, version, tasks, licence, weights, bytes, trainedRange, limits, training, folder }
}

function listText(models: readonly Listed[], root: string): string {
  if (models.length === 0) return `There are no models in ${root}.\n`
  const rows = models.map((model) => {
    const { name, version, tasks, licence, weights, limits } = describe(model)
    return [
      name,
      version,
      tasks.join(', '),
      `${weights} weights`,
      `up to ${limits.rows} x ${limits.columns}`,
      licence,
    ]
  })
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => row[j]!.length)))
  return `${rows
    .map((row) =>
      row
        .map((cell, j) => cell.padEnd(widths[j]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`
}

function detailText(model: Listed): string {
  const { name, version, tasks, licence, weights, bytes, trainedRange, limits, folder } = describe(model)
  const range = (label: string, [low, high]: readonly [number, number]) => `${label} ${low} to ${high}`
  const facts = [
    `${name} ${version}`,
    `  tasks          ${tasks.join(', ')}`,
    `  weights        ${weights}, ${(bytes / 2 ** 20).toFixed(1)} MiB`,
    `  licence        ${licence}`,
    `  trained range  ${range('rows', trainedRange.rows)}, ${range('columns', trainedRange.columns)}, ${range('classes', trainedRange.classes)}`,
    `  limits         ${limits.rows} rows, ${limits.columns} columns, ${limits.classes} classes`,
    `  folder         ${folder}`,
  ]
  const card = join(folder, CARD_FILE)
  return `${facts.join('\n')}\n${existsSync(card) ? `\n${readFileSync(card, 'utf8')}` : ''}`
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
