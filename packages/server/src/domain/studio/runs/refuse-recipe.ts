import { RecipeError } from '@posterior/project'
import { invalidField } from '../../app-error.ts'

/** Rethrow what is wrong with a recipe as the answer that names the field of the request. @throws AppError REQUEST_VALIDATION_ERROR */
export function refuseRecipe(error: unknown): never {
  throw error instanceof RecipeError ? invalidField(error.field, error.reason) : error
}
