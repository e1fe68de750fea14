import type { TokenDescription, UserDescription } from '@posterior/contracts'
import type { Account, TokenRecord } from '../../domain/ports/account-store.ts'

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString()

/** A token as the API shows it: without its hash. */
export function describeToken(token: TokenRecord): TokenDescription {
  const { id, label, kind, createdAt, expiresAt, lastUsedAt } = token
  return {
    id,
    label,
    kind,
    created_at: isoTime(createdAt),
    expires_at: expiresAt === null ? null : isoTime(expiresAt),
    last_used_at: lastUsedAt === null ? null : isoTime(lastUsedAt),
  }
}

/** An account as administrators see it. */
export function describeUser({ id, name, email, isVerified, isAdmin, createdAt }: Account): UserDescription {
  return { id, name, email, is_verified: isVerified, is_admin: isAdmin, created_at: isoTime(createdAt) }
}

const DAY_MS = 86_400_000

/** How long a token works that is asked for so many days; null for ever. */
export function tokenLifetime(days: number | null | undefined): number | null {
  return days == null ? null : days * DAY_MS
}
