import { messageResponseSchema, ROUTES } from '@posterior/contracts'
import { type Api, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'

/** `POST /auth/send_verification_email/`: the link once more; a token of an unverified account is enough. */
export function sendVerificationEmailRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['account'],
    summary: 'Send the verification link again',
    description: "Sends a new link to the account's e-mail address; the one before stops working.",
    response: { 200: messageResponseSchema, ...errorResponses('TOO_MANY_ATTEMPTS') },
  }
  app.post(ROUTES.sendVerificationEmail.path, { schema }, async (request) => {
    const account = callerOf(request)
    if (account.email === null) return { message: 'This account has no e-mail address to verify.' }
    if (account.isVerified) return { message: 'The e-mail address is verified already.' }
    await services.links.sendVerification(account)
    return { message: `A message with a link is on its way to ${account.email}.` }
  })
}
