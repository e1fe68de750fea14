/** Between rows and the domain's accounts and tokens. */
import type { Selectable } from 'kysely'
import type { Account, TokenKind, TokenRecord } from '../../domain/ports/account-store.ts'
import type { AccountsTable, TokensTable } from './schema.ts'

export function accountRow(account: Account, passwordHash: string | null): AccountsTable {
  return {
    id: account.id,
    name: account.name,
    email: account.email,
    password_hash: passwordHash,
    is_verified: account.isVerified ? 1 : 0,
    is_admin: account.isAdmin ? 1 : 0,
    created_at: account.createdAt,
  }
}

export function toAccount(row: Selectable<AccountsTable>): Account {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    isVerified: row.is_verified === 1,
    isAdmin: row.is_admin === 1,
    createdAt: row.created_at,
  }
}

export function tokenRow(accountId: string, token: TokenRecord): TokensTable {
  return {
    id: token.id,
    account_id: accountId,
    hash: token.hash,
    label: token.label,
    kind: token.kind,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
    prefix: token.prefix,
  }
}

export function toToken(row: Selectable<TokensTable>): TokenRecord {
  return {
    id: row.id,
    hash: row.hash,
    label: row.label,
    kind: row.kind as TokenKind,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    prefix: row.prefix,
  }
}
