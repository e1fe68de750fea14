import { type ApiUsage, apiUsageSchema, ROUTES } from '@posterior/contracts'
import type { Api } from '../../api.ts'

const NOTHING_CHARGED: ApiUsage = {
  current_usage: 0,
  usage_limit: -1,
  reset_time: null,
  daily_tokens_used: 0,
  daily_token_limit: -1,
  monthly_tokens_used: 0,
  monthly_token_limit: -1,
}

/** `POST /get_api_usage/`: credits charged to the account; this server charges none. */
export function apiUsageRoute(app: Api): void {
  const schema = {
    tags: ['usage'],
    summary: 'What was used and what is left',
    description: 'Tokens charged to the account in the pools of the day and the month.',
    response: { 200: apiUsageSchema },
  }
  app.post(ROUTES.apiUsage.path, { schema }, async () => NOTHING_CHARGED)
}
