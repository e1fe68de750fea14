import { messageResponseSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'

/** `DELETE /delete_user_account/`: the account with its data, fitted models and tokens. */
export function deleteUserAccountRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Delete the account',
    description:
      'Deletes the account of the token with its data sets, fitted models and tokens. The last administrator cannot be deleted.',
    response: { 200: messageResponseSchema, ...errorResponses('UNAUTHORIZED', 'LAST_ADMIN') },
  }
  app.delete(ROUTES.deleteUserAccount.path, { schema }, async (request) => {
    await services.dataRemoval.removeAccount(callerOf(request).id)
    return { message: 'The account and everything that it had are deleted.' }
  })
}
