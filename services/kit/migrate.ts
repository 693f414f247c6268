/** Applies the schema as the owner and makes the two roles. Idempotent, also at once.
 *  `DATABASE_URL` (owner), `ROLE_PASSWORDS_IM`, `ROLE_PASSWORDS_WORKER`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { z } from 'zod'
import { databaseOptions } from '#contracts/database'
import { EXIT } from '#contracts/parts'
import { readEnv } from './env.ts'

const MigrateEnv = z.object({
  DATABASE_URL: z.string().startsWith('postgres'),
  ROLE_PASSWORDS_IM: z.string().min(8),
  ROLE_PASSWORDS_WORKER: z.string().min(8),
})

/** Any number, the same for all who migrate. */
const ADVISORY_LOCK = 7_265_001
/** A statement of a service that takes longer is a fault. Milliseconds. */
const STATEMENT_TIMEOUT_MS = 5_000

const SQL_FILES = ['schema.sql', 'functions.sql', 'append-batch.sql', 'conversation-order.sql']

const GRANTS: Record<string, string[]> = {
  im: [
    'grant select on users, conversations, members, messages, tasks to im',
    'grant execute on function append_messages, append_new_messages, add_tasks, mark_published, claim_unpublished, cancel_task, begin_attempt, give_back, refund_attempts, save_answer to im',
    'grant execute on function add_tasks_in_order, claim_next_tasks, claim_unpublished_in_order, cancel_task_in_order to im',
  ],
  // A worker stands at somebody's home: it may settle tasks and read nothing.
  worker: ['grant execute on function begin_attempt, give_back, refund_attempts, save_answer to worker'],
}

async function migrate(env: z.infer<typeof MigrateEnv>): Promise<void> {
  const client = new Client({ ...databaseOptions(env.DATABASE_URL), connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
    for (const file of SQL_FILES) await client.query(await readFile(join(import.meta.dirname, 'sql', file), 'utf8'))
    await client.query('revoke execute on all functions in schema public from public')
    for (const [role, password] of [
      ['im', env.ROLE_PASSWORDS_IM],
      ['worker', env.ROLE_PASSWORDS_WORKER],
    ] as const) {
      const known = await client.query('select 1 from pg_roles where rolname = $1', [role])
      const quoted = client.escapeLiteral(password)
      await client.query(`${known.rowCount === 0 ? 'create' : 'alter'} role ${role} login password ${quoted}`)
      await client.query(`alter role ${role} set statement_timeout = ${STATEMENT_TIMEOUT_MS}`)
      await client.query(`alter role ${role} set idle_in_transaction_session_timeout = ${STATEMENT_TIMEOUT_MS}`)
      // One plan for any batch size: planning anew each time costs more than the plan is worth.
      await client.query(`alter role ${role} set plan_cache_mode = force_generic_plan`)
      for (const grant of GRANTS[role] ?? []) await client.query(grant)
    }
    await client.query('commit')
  } finally {
    await client.end()
  }
}

try {
  await migrate(readEnv(MigrateEnv, process.env))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = EXIT.failed
}
