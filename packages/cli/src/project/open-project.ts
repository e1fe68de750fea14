/** A project folder, read and checked. */
import type { ModelSpec, PriorSpec } from '@posterior/contracts'
import {
  type ArtefactLookup,
  type CheckedProject,
  checkProject,
  type Finding,
  type ReadArtefact,
  RecipeError,
  type ResolvedRecipe,
} from '@posterior/project'
import { CommandError } from '../command.ts'
import { formatFinding } from './findings.ts'
import { readFolder } from './read-folder.ts'

/** The project in `folder` with everything that there is to say about it. @throws CommandError when there is none */
export async function checkFolder(folder: string): Promise<CheckedProject> {
  return checkProject(await readFolder(folder), { checkArtefact, checkRecipe })
}

/**
 * The project in `folder`.
 *
 * @throws CommandError that lists the errors when files cannot be read; errors of single runs are left to who uses them
 */
export async function openProject(folder: string): Promise<CheckedProject> {
  const project = await checkProject(await readFolder(folder))
  const errors = project.findings.filter(
    ({ severity, path }) => severity === 'error' && !path.startsWith('runs/'),
  )
  if (errors.length > 0) {
    throw new CommandError(`The project has errors:\n${errors.map(formatFinding).join('\n')}`)
  }
  return project
}

/** Whether the blocks of a model fit each other, and the code of a prior draws what it declares. @throws RecipeError */
async function checkArtefact(artefact: ReadArtefact): Promise<Finding[]> {
  if (artefact.kind === 'prior') return checkPrior(artefact)
  if (artefact.kind === 'model') await checkModel(artefact.spec as ModelSpec)
  return []
}

/** Run the code in its sandbox; what is wrong has its line there. */
async function checkPrior({ path, spec, isEarlier }: ReadArtefact): Promise<Finding[]> {
  const { code, implementation } = spec as PriorSpec
  // Python does not run here, and what is over cannot be changed any more.
  if (code === null || implementation.endsWith('.py') || isEarlier) return []
  const { ModuleError, ModuleSource, sampleModule } = await import('@posterior/prior')
  let source: Awaited<ReturnType<typeof ModuleSource.ofPrior>> | undefined
  try {
    source = await ModuleSource.ofPrior(spec as PriorSpec)
    // Whether there is something to learn is asked of the runs on it.
    await sampleModule(source, { count: 3 })
    return []
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error
    const file = path.replace(/[^/]+$/, implementation)
    const { line = null } = error.details
    return [{ severity: 'error', path: file, line, field: null, message: error.reason }]
  } finally {
    source?.close()
  }
}

async function checkModel({ blocks, d_in }: ModelSpec): Promise<void> {
  if (blocks.length === 0) return
  const { CompositionError, compose } = await import('@posterior/model')
  try {
    compose(blocks, d_in)
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error
    throw new RecipeError(error.index === undefined ? 'blocks' : `blocks.${error.index}`, error.message)
  }
}

/** Whether a run can be trained here. @throws RecipeError */
async function checkRecipe(recipe: ResolvedRecipe, artefacts: ArtefactLookup): Promise<void> {
  const { planTraining } = await import('@posterior/training')
  const { findPrior, rangeOf } = await import('@posterior/prior')
  await planTraining(recipe)
  const prior = recipe.prior.id === null ? findPrior(recipe.prior.slug) : undefined
  if (!prior || recipe.model.id === null || recipe.model.version === null) return
  const model = (await artefacts.content(recipe.model.id, recipe.model.version)) as ModelSpec | undefined
  const width = model?.d_in ?? null
  if (width === null) return
  const shapes = Object.entries(prior.parameters).filter(([, { isShape }]) => isShape)
  const [least, most] = ([0, 1] as const).map((end) => {
    const values = shapes.map(([name]) => [name, rangeOf(prior, recipe.prior.overrides, name)[end]])
    return prior.layout(Object.fromEntries(values)).features
  }) as [number, number]
  if (width >= least && width <= most) return
  const features = least === most ? `${least}` : `${least} to ${most}`
  throw new RecipeError(
    'model',
    `"${recipe.model.slug}" has d_in ${width}, and rows of ${prior.slug} have ${features} features`,
  )
}
