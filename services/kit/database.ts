import pg from 'pg'
import { databaseOptions } from '#contracts/database'
import { DeadlineError, withDeadline } from './deadline.ts'
import type { Log } from './log.ts'

/** Then the outcome is unknown. Above the roles' statement timeout. Milliseconds. */
const ANSWER_WITHIN_MS = 7_000
const CONNECT_WITHIN_MS = 3_000

/** No answer from the database: the statement may or may not have run. */
export class StoreUnavailable extends Error {
  readonly code = 'STORE_UNAVAILABLE'
}

/** Postgres' `int8` arrives as text; our sequences stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)
  },
}

export type Row = Record<string, unknown>
export type Query = <R extends Row>(text: string, values: unknown[]) => Promise<R[]>

/** A small pool with deadlines. Statement errors pass with their `code`; others: unavailable. */
export class Database implements AsyncDisposable {
  readonly #pool: pg.Pool

  constructor(url: string, name: string, log: Log, connections: number) {
    this.#pool = new pg.Pool({
      ...databaseOptions(url),
      application_name: name,
      max: connections,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
      keepAlive: true,
      // A fresh connection costs a login and every plan: the first task after a lull paid for it.
      idleTimeoutMillis: 0,
      types,
    })
    // The pool replaces an idle connection that falls.
    this.#pool.on('error', error => log.warn({ reason: error.message }, 'database connection lost'))
  }

  async query<R extends Row>(text: string, values: unknown[] = []): Promise<R[]> {
    return this.#guard(async () => (await this.#pool.query<R>({ text, values, name: statementName(text) })).rows)
  }

  /** Statements that commit together or not at all. */
  async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#guard(async () => {
      const client = await this.#pool.connect()
      let broken = true
      try {
        await client.query('begin')
        const result = await work(async (text, values) => (await client.query({ text, values, name: statementName(text) })).rows)
        await client.query('commit')
        broken = false
        return result
      } catch (error) {
        if (isStatementError(error)) {
          await client.query('rollback')
          broken = false
        }
        throw error
      } finally {
        // A connection whose state is not known must not serve anybody else.
        client.release(broken)
      }
    })
  }

  /** What `/readyz` names: nothing, or the database and why. */
  async missing(): Promise<string[]> {
    return withDeadline(this.#pool.query('select 1'), 2_000, 'select 1').then(
      () => [],
      (error: unknown) => [`database (${error instanceof Error ? error.message || error.name : String(error)})`],
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await withDeadline(this.#pool.end(), 3_000, 'end of the database pool').catch((error: unknown) => {
      if (!(error instanceof DeadlineError)) throw error
    })
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (isStatementError(error)) throw error
      throw new StoreUnavailable(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
}

/** A SQLSTATE about this statement. Classes 08, 53, 57 and 58 are about the server. */
function isStatementError(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && typeof error.code === 'string' && !/^(08|53|57|58)/.test(error.code)
}

const names = new Map<string, string>()
/** Prepared once per connection: the same text, the same name. */
function statementName(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `s${names.size}`
    names.set(text, name)
  }
  return name
}
