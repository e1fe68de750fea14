import type { Kysely, Selectable, Transaction } from 'kysely'
import type {
  HeldCharge,
  UsageHold,
  UsagePeriods,
  UsageStore,
  UsageTotals,
} from '../../domain/ports/usage.ts'
import type { Schema, UsageChargesTable } from './schema.ts'
import { unsynced } from './unsynced.ts'

export class SqliteUsageStore implements UsageStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async totals(accountId: string, periods: UsagePeriods): Promise<UsageTotals> {
    return readTotals(this.#db, accountId, periods)
  }

  async hasOpenCharge(accountId: string, requestKey: string, since: number): Promise<boolean> {
    return (await findOpen(this.#db, { accountId, requestKey }, since)) !== undefined
  }

  async hold(
    hold: UsageHold,
    { sharedSince, decide }: { sharedSince: number; decide: (totals: UsageTotals) => void },
  ): Promise<HeldCharge> {
    return unsynced(this.#db, async (tx) => {
      const open = await findOpen(tx, hold, sharedSince)
      if (open) {
        await tx
          .updateTable('usage_charges')
          .set({ holders: open.holders + 1 })
          .where('id', '=', open.id)
          .execute()
        return { id: open.id, tokens: open.tokens, isShared: true }
      }
      decide(await readTotals(tx, hold.accountId, hold))
      await addTo(tx, hold, 1)
      await tx.insertInto('usage_charges').values(chargeRow(hold)).execute()
      return { id: hold.id, tokens: hold.tokens, isShared: false }
    })
  }

  async settle(id: string): Promise<void> {
    await unsynced(this.#db, (tx) =>
      tx
        .updateTable('usage_charges')
        .set((e) => ({ is_settled: 1, holders: e('holders', '-', 1) }))
        .where('id', '=', id)
        .execute(),
    )
  }

  async release(id: string): Promise<void> {
    await unsynced(this.#db, async (tx) => {
      const row = await tx.selectFrom('usage_charges').selectAll().where('id', '=', id).executeTakeFirst()
      if (!row) return
      const holders = row.holders - 1
      if (holders > 0 || row.is_settled === 1) {
        await tx.updateTable('usage_charges').set({ holders }).where('id', '=', id).execute()
      } else {
        await giveBack(tx, row)
      }
    })
  }

  async closeCharges(accountId: string, subject: string): Promise<void> {
    await unsynced(this.#db, (tx) =>
      tx
        .updateTable('usage_charges')
        .set({ is_open: 0 })
        .where('account_id', '=', accountId)
        .where('subject', '=', subject)
        .where('is_settled', '=', 1)
        .where('is_open', '=', 1)
        .execute(),
    )
  }

  async releaseUnsettled(): Promise<number> {
    return this.#db.transaction().execute(async (tx) => {
      const rows = await tx.selectFrom('usage_charges').selectAll().where('is_settled', '=', 0).execute()
      for (const row of rows) await giveBack(tx, row)
      // A settled charge may have been shared by a request that the kill broke off.
      await tx.updateTable('usage_charges').set({ holders: 0 }).where('holders', '<>', 0).execute()
      return rows.length
    })
  }

  async removeOld({
    chargesBefore,
    periodsBefore,
  }: {
    chargesBefore: number
    periodsBefore: string
  }): Promise<number> {
    const charges = await this.#db
      .deleteFrom('usage_charges')
      .where('created_at', '<', chargesBefore)
      .where('is_settled', '=', 1)
      .executeTakeFirst()
    // A month is text that starts its days, so that one comparison serves both.
    const periods = await this.#db
      .deleteFrom('usage_periods')
      .where('period', '<', periodsBefore)
      .executeTakeFirst()
    return Number(charges.numDeletedRows + periods.numDeletedRows)
  }
}

async function readTotals(
  db: Kysely<Schema>,
  accountId: string,
  { day, month }: UsagePeriods,
): Promise<UsageTotals> {
  const rows = await db
    .selectFrom('usage_periods')
    .select(['period', 'tokens', 'thinking_fits'])
    .where('account_id', '=', accountId)
    .where('period', 'in', [day, month])
    .execute()
  const of = (period: string) => rows.find((row) => row.period === period)
  return {
    dayTokens: of(day)?.tokens ?? 0,
    monthTokens: of(month)?.tokens ?? 0,
    monthThinkingFits: of(month)?.thinking_fits ?? 0,
  }
}

/** The newest charge that the same request shares: one that is at work, or that was made after `since`. */
async function findOpen(
  db: Kysely<Schema>,
  { accountId, requestKey }: Pick<UsageHold, 'accountId' | 'requestKey'>,
  since: number,
): Promise<Selectable<UsageChargesTable> | undefined> {
  return db
    .selectFrom('usage_charges')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('request_key', '=', requestKey)
    .where('is_open', '=', 1)
    .where((e) => e.or([e('created_at', '>', since), e('is_settled', '=', 0)]))
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Add the amounts to day and month, or take them off again with sign -1. */
async function addTo(
  tx: Transaction<Schema>,
  {
    accountId,
    day,
    month,
    tokens,
    thinkingFits,
  }: Pick<UsageHold, 'accountId' | 'day' | 'month' | 'tokens' | 'thinkingFits'>,
  sign: 1 | -1,
): Promise<void> {
  const [addedTokens, addedFits] = [sign * tokens, sign * thinkingFits]
  for (const period of [day, month]) {
    await tx
      .insertInto('usage_periods')
      .values({ account_id: accountId, period, tokens: addedTokens, thinking_fits: addedFits })
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'period']).doUpdateSet((e) => ({
          tokens: e('usage_periods.tokens', '+', addedTokens),
          thinking_fits: e('usage_periods.thinking_fits', '+', addedFits),
        })),
      )
      .execute()
  }
}

async function giveBack(tx: Transaction<Schema>, row: Selectable<UsageChargesTable>): Promise<void> {
  const { account_id: accountId, day, month, tokens, thinking_fits: thinkingFits } = row
  await addTo(tx, { accountId, day, month, tokens, thinkingFits }, -1)
  await tx.deleteFrom('usage_charges').where('id', '=', row.id).execute()
}

function chargeRow(hold: UsageHold): UsageChargesTable {
  return {
    id: hold.id,
    account_id: hold.accountId,
    request_key: hold.requestKey,
    subject: hold.subject,
    operation: hold.operation,
    day: hold.day,
    month: hold.month,
    tokens: hold.tokens,
    thinking_fits: hold.thinkingFits,
    holders: 1,
    is_settled: 0,
    is_open: 1,
    created_at: hold.createdAt,
  }
}
