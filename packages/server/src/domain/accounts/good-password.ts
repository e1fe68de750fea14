import { passwordProblem } from '@posterior/contracts'
import { invalidField } from '../app-error.ts'

/** @throws AppError REQUEST_VALIDATION_ERROR that names the field and says what the password lacks */
export function requireGoodPassword(password: string, confirmation: string): void {
  const problem = passwordProblem(password)
  if (problem !== undefined) throw invalidField('password', problem)
  if (confirmation !== password) throw invalidField('password_confirm', 'is not the same as password')
}
