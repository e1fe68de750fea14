import type { Kysely, Selectable } from 'kysely'
import type { Account, AccountStore, TokenRecord } from '../../domain/ports/stores.ts'
import type { AccountsTable, Schema } from './schema.ts'

export class SqliteAccountStore implements AccountStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insertWithToken(account: Account, token: TokenRecord): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      const { id, name, isAdmin, createdAt } = account
      await tx
        .insertInto('accounts')
        .values({ id, name, is_admin: isAdmin ? 1 : 0, created_at: createdAt })
        .execute()
      await tx.insertInto('tokens').values(tokenRow(id, token)).execute()
    })
  }

  async findAdmin(): Promise<Account | undefined> {
    const row = await this.#db
      .selectFrom('accounts')
      .selectAll()
      .where('is_admin', '=', 1)
      .orderBy('created_at')
      .limit(1)
      .executeTakeFirst()
    return row && toAccount(row)
  }

  async findByTokenHash(hash: string): Promise<Account | undefined> {
    const row = await this.#db
      .selectFrom('accounts')
      .innerJoin('tokens', 'tokens.account_id', 'accounts.id')
      .selectAll('accounts')
      .where('tokens.hash', '=', hash)
      .executeTakeFirst()
    return row && toAccount(row)
  }

  async replaceToken(accountId: string, token: TokenRecord): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      await tx
        .deleteFrom('tokens')
        .where('account_id', '=', accountId)
        .where('label', '=', token.label)
        .execute()
      await tx.insertInto('tokens').values(tokenRow(accountId, token)).execute()
    })
  }
}

function tokenRow(accountId: string, token: TokenRecord) {
  const { id, hash, label, createdAt } = token
  return { id, account_id: accountId, hash, label, created_at: createdAt }
}

function toAccount(row: Selectable<AccountsTable>): Account {
  return { id: row.id, name: row.name, isAdmin: row.is_admin === 1, createdAt: row.created_at }
}
