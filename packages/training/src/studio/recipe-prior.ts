/** The prior of a recipe: one of the catalogue, or the code of a project, which is run and looked over first. */
import {
  checkModule,
  findPrior,
  ModuleError,
  ModuleSource,
  type PriorDeclaration,
  PriorError,
} from '@posterior/prior'
import { RecipeError, type ResolvedRecipe, type RunRecipe } from '@posterior/project'
import { declarationOf, type SinglePrior } from '../run/single-prior.ts'

type PriorRecipe = Pick<RunRecipe, 'prior'> & Partial<Pick<ResolvedRecipe, 'priorSpec'>>

/**
 * A prior that can be trained on.
 *
 * @param checkSizes throws for tasks that are too large or too small; before any is drawn
 * @throws RecipeError that names the field; of a module it tells everything that is known
 */
export async function recipePrior(
  recipe: PriorRecipe,
  checkSizes: (prior: PriorDeclaration) => void,
): Promise<SinglePrior> {
  try {
    if (recipe.priorSpec) return await ownPrior(recipe, checkSizes)
    const prior = cataloguePrior(recipe)
    checkSizes(declarationOf(prior))
    return prior
  } catch (error) {
    if (!(error instanceof PriorError)) throw error
    const isOverride = error.parameter !== undefined && !(error instanceof ModuleError)
    throw new RecipeError(isOverride ? `prior.overrides.${error.parameter}` : 'prior', error.message)
  }
}

function cataloguePrior({ prior: { slug, version, overrides } }: PriorRecipe): SinglePrior {
  const prior = { kind: 'catalogue', id: slug, overrides } as const
  const { id, slug: known, version: current } = declarationOf(prior)
  if (version === null || version === current) return { ...prior, id }
  throw new RecipeError('prior.version', `the catalogue has ${known} ${current}, not ${version}`)
}

/** One without code stands for the prior of the catalogue that has its slug. */
async function ownPrior(
  { prior: { overrides }, priorSpec }: PriorRecipe,
  checkSizes: (prior: PriorDeclaration) => void,
): Promise<SinglePrior> {
  const named = priorSpec!.code === null ? findPrior(priorSpec!.slug) : undefined
  if (named) {
    const prior = { kind: 'catalogue', id: named.id, overrides } as const
    checkSizes(declarationOf(prior))
    return prior
  }
  const source = await ModuleSource.ofPrior(priorSpec!)
  try {
    const prior = { kind: 'module', module: source.module, overrides } as const
    checkSizes(declarationOf(prior))
    await checkModule(source, overrides)
    return prior
  } finally {
    source.close()
  }
}
