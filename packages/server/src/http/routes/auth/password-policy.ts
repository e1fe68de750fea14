import { PASSWORD_REQUIREMENTS, passwordPolicySchema, ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'

/** `GET /auth/password_policy/`: what a password has to have. */
export function passwordPolicyRoute(app: Api): void {
  const schema = {
    tags: ['account'],
    summary: 'Rules for passwords',
    description: 'What a password has to have, as `Name(least count)`. The server checks it too.',
    response: { 200: passwordPolicySchema },
  }
  app.get(ROUTES.passwordPolicy.path, { schema }, async () => ({ requirements: [...PASSWORD_REQUIREMENTS] }))
}
