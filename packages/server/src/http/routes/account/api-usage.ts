import { type ApiUsage, apiUsageSchema, ROUTES } from '@posterior/contracts'
import { isoSeconds } from '../../../domain/metering/periods.ts'
import { type Pool, tightestTokenPool, type Usage } from '../../../domain/metering/pools.ts'
import { UNLIMITED_ON_WIRE } from '../../../domain/metering/standing.ts'
import type { TrainingStanding } from '../../../domain/studio/runs/training-allowance.ts'
import type { Api } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'

/** `POST /get_api_usage/`: what the account has used of its pools, and when they are filled again. */
export function apiUsageRoute(app: Api, { services }: AppDeps): void {
  const schema = {
    tags: ['usage'],
    summary: 'Tokens used and left',
    description: 'What the account has used of its pools of tokens and thinking fits. Asking is free.',
    response: { 200: apiUsageSchema },
  }
  app.post(ROUTES.apiUsage.path, { schema }, async (request) => {
    const { id } = callerOf(request)
    return present(await services.metering.usage(id), await services.runs.trainingStanding(id))
  })
}

function present(usage: Usage, training: TrainingStanding): ApiUsage {
  const { daily_tokens: daily, monthly_tokens: monthly, monthly_thinking_fits: thinking } = usage
  const tightest = tightestTokenPool(usage)
  return {
    current_usage: tightest.used,
    usage_limit: limitOf(tightest),
    reset_time: isoSeconds(tightest.resetAt),
    daily_tokens_used: daily.used,
    daily_token_limit: limitOf(daily),
    daily_reset_time: isoSeconds(daily.resetAt),
    monthly_tokens_used: monthly.used,
    monthly_token_limit: limitOf(monthly),
    monthly_reset_time: isoSeconds(monthly.resetAt),
    monthly_thinking_fits_used: thinking.used,
    monthly_thinking_fit_limit: limitOf(thinking),
    daily_training_minutes_used: Math.round(100 * training.used) / 100,
    daily_training_minute_limit: limitOf(training),
  }
}

function limitOf(pool: Pick<Pool, 'limit'>): number {
  return pool.limit ?? UNLIMITED_ON_WIRE
}
