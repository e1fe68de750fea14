/** Accounts and tokens for tests of the stores. */
import type { Account, TokenRecord } from '../domain/ports/account-store.ts'

/** An account without address and password. */
export function accountOf(id: string, change: Partial<Account> = {}): Account {
  return { id, name: id, email: null, isVerified: true, isAdmin: false, createdAt: 1, ...change }
}

/** A token that does not expire; its hash is `hash-ID`. */
export function tokenOf(id: string, change: Partial<TokenRecord> = {}): TokenRecord {
  const times = { createdAt: 1, expiresAt: null, lastUsedAt: null, prefix: null }
  return { id, hash: `hash-${id}`, label: 'first', kind: 'api', ...times, ...change }
}
