import type { Kysely, Transaction } from 'kysely'
import type {
  Account,
  AccountStore,
  Credentials,
  LinkPurpose,
  MailLink,
  TokenKind,
  TokenRecord,
} from '../../domain/ports/account-store.ts'
import { accountRow, toAccount, tokenRow, toToken } from './account-rows.ts'
import type { Schema } from './schema.ts'

export class SqliteAccountStore implements AccountStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(
    account: Account,
    { passwordHash, token }: { passwordHash: string | null; token: TokenRecord },
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      const taken = account.email === null ? undefined : await rowByEmail(tx, account.email)
      if (taken) return false
      await tx.insertInto('accounts').values(accountRow(account, passwordHash)).execute()
      await tx.insertInto('tokens').values(tokenRow(account.id, token)).execute()
      return true
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

  async find(id: string): Promise<Account | undefined> {
    const row = await this.#db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
    return row && toAccount(row)
  }

  async findByEmail(email: string): Promise<Credentials | undefined> {
    const row = await rowByEmail(this.#db, email)
    return row && { account: toAccount(row), passwordHash: row.password_hash }
  }

  async list(): Promise<Account[]> {
    const rows = await this.#db
      .selectFrom('accounts')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(toAccount)
  }

  async setPassword(accountId: string, passwordHash: string): Promise<void> {
    await this.#db
      .updateTable('accounts')
      .set({ password_hash: passwordHash, is_verified: 1 })
      .where('id', '=', accountId)
      .execute()
  }

  async replacePasswordHash(accountId: string, { from, to }: { from: string; to: string }): Promise<void> {
    await this.#db
      .updateTable('accounts')
      .set({ password_hash: to })
      .where('id', '=', accountId)
      .where('password_hash', '=', from)
      .execute()
  }

  async markVerified(accountId: string): Promise<void> {
    await this.#db.updateTable('accounts').set({ is_verified: 1 }).where('id', '=', accountId).execute()
  }

  async findByTokenHash(hash: string): Promise<{ account: Account; token: TokenRecord } | undefined> {
    const token = await this.#db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
    const account = token && (await this.find(token.account_id))
    return account && { account, token: toToken(token) }
  }

  async insertToken(accountId: string, token: TokenRecord): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      if (!(await accountExists(tx, accountId))) return false
      await tx.insertInto('tokens').values(tokenRow(accountId, token)).execute()
      return true
    })
  }

  async replacePresetToken(accountId: string, token: TokenRecord): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      await tx.deleteFrom('tokens').where('account_id', '=', accountId).where('kind', '=', 'preset').execute()
      await tx.insertInto('tokens').values(tokenRow(accountId, token)).execute()
    })
  }

  async listTokens(accountId: string): Promise<TokenRecord[]> {
    const rows = await this.#db
      .selectFrom('tokens')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(toToken)
  }

  async markTokenUsed(tokenId: string, at: number): Promise<void> {
    await this.#db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', tokenId).execute()
  }

  async removeToken(accountId: string, tokenId: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('tokens')
      .where('id', '=', tokenId)
      .where('account_id', '=', accountId)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  async removeTokens(accountId: string, kind: TokenKind): Promise<void> {
    await this.#db.deleteFrom('tokens').where('account_id', '=', accountId).where('kind', '=', kind).execute()
  }

  async putLink({ hash, accountId, purpose, expiresAt }: MailLink): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      if (!(await accountExists(tx, accountId))) return false
      await tx
        .deleteFrom('mail_links')
        .where('account_id', '=', accountId)
        .where('purpose', '=', purpose)
        .execute()
      await tx
        .insertInto('mail_links')
        .values({ hash, account_id: accountId, purpose, expires_at: expiresAt })
        .execute()
      return true
    })
  }

  async findLink(hash: string, purpose: LinkPurpose, now: number): Promise<Account | undefined> {
    return accountOfLink(this.#db, { hash, purpose, now })
  }

  async takeLink(hash: string, purpose: LinkPurpose, now: number): Promise<Account | undefined> {
    return this.#db.transaction().execute(async (tx) => {
      const account = await accountOfLink(tx, { hash, purpose, now })
      if (account) await tx.deleteFrom('mail_links').where('hash', '=', hash).execute()
      return account
    })
  }
}

type Queries = Kysely<Schema> | Transaction<Schema>

function rowByEmail(db: Queries, email: string) {
  return db.selectFrom('accounts').selectAll().where('email', '=', email).executeTakeFirst()
}

async function accountExists(db: Queries, id: string): Promise<boolean> {
  return (await db.selectFrom('accounts').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

async function accountOfLink(
  db: Queries,
  { hash, purpose, now }: { hash: string; purpose: LinkPurpose; now: number },
): Promise<Account | undefined> {
  const row = await db
    .selectFrom('accounts')
    .innerJoin('mail_links', 'mail_links.account_id', 'accounts.id')
    .selectAll('accounts')
    .where('mail_links.hash', '=', hash)
    .where('mail_links.purpose', '=', purpose)
    .where('mail_links.expires_at', '>', now)
    .executeTakeFirst()
  return row && toAccount(row)
}
