/** What a fit with thinking is charged: tokens, and one of the month's thinking fits. Other fits are free. */
import type { ThinkingEffort } from '@posterior/contracts'
import { costOf } from '../metering/cost.ts'
import type { ChargeOrder, Metering } from '../metering/metering.ts'
import { PendingCharge } from '../metering/pending-charge.ts'
import type { Fit } from '../ports/stores.ts'

/** A charge that is held when the training rows have been read. */
export interface ThinkingCharge {
  pending: PendingCharge
  /** The size of the training table is known. */
  price(size: { rows: number; columns: number }): void
}

/**
 * Count a request for a thinking fit, and refuse one that cannot be paid for whatever its size.
 *
 * @throws AppError RATE_LIMIT_EXCEEDED, INSUFFICIENT_QUOTA
 */
export async function admitThinking(
  metering: Metering,
  accountId: string,
  effort: ThinkingEffort,
): Promise<void> {
  await metering.admit(accountId, 'thinking_fit')
  await metering.requireAffordable(accountId, orderOf('', tokensOf(effort, { rows: 0, columns: 0 })))
}

/** The charge of a fit; undefined for one without thinking. A fit that is found or joined is not charged again. */
export function thinkingCharge(metering: Metering, fit: Fit): ThinkingCharge | undefined {
  const { thinking, accountId, config } = fit
  if (!thinking) return undefined
  const pending = new PendingCharge((tokens) => metering.charge(accountId, orderOf(fit.id, tokens)))
  return {
    pending,
    price: (size) => pending.price(tokensOf(thinking.effort, size, config.n_estimators ?? undefined)),
  }
}

function orderOf(fitId: string, tokens: number): ChargeOrder {
  return { requestKey: fitId, subject: fitId, operation: 'thinking_fit', tokens }
}

function tokensOf(
  effort: ThinkingEffort,
  { rows, columns }: { rows: number; columns: number },
  estimators?: number,
): number {
  // Models of version 2 have no thinking.
  const pricing = 'quota_v3'
  return costOf({
    operation: 'thinking_fit',
    trainRows: rows,
    testRows: 0,
    columns,
    estimators,
    effort,
    pricing,
  })
}
