/**
 * Kysely over `node:sqlite`. Kysely's SQLite dialect expects the interface of better-sqlite3; this maps the few
 * differences. Statements are kept, because preparing costs more than running most of them.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'

/** Prepared statements kept; the queries of this program are far fewer. */
const MAX_STATEMENTS = 256

/** A Kysely dialect over an open `node:sqlite` database; destroying Kysely closes it. */
export function nodeSqliteDialect(database: DatabaseSync): SqliteDialect {
  return new SqliteDialect({ database: wrapDatabase(database) })
}

function wrapDatabase(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(sql) {
      const kept = statements.get(sql)
      if (kept) return kept
      const statement = wrapStatement(database.prepare(sql))
      // SQLite carries out some pragmas while it prepares them, and not when they are run again.
      if (/^\s*pragma\b/i.test(sql)) return statement
      // Statements of the schema itself change what the others mean, so nothing prepared before is kept.
      if (/^\s*(create|alter|drop)\b/i.test(sql) || statements.size >= MAX_STATEMENTS) statements.clear()
      else statements.set(sql, statement)
      return statement
    },
  }
}

function wrapStatement(statement: StatementSync): SqliteStatement {
  const bind = (parameters: readonly unknown[]) => parameters.map(toSqlite)
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bind(parameters)),
    run: (parameters) => statement.run(...bind(parameters)),
    iterate: (parameters) => statement.iterate(...bind(parameters)),
  }
}

/** Booleans are stored as 0 and 1; everything else must already be a value that SQLite knows. */
function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === undefined) return null
  return value as SQLInputValue
}
