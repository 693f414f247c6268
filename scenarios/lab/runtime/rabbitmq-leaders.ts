import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { until } from '../until.ts'

const RABBITMQCTL = '/usr/lib/rabbitmq/bin/rabbitmqctl'
/** A call starts an Erlang of its own: 0.5 s, on busy cores several. Milliseconds. */
const CALL_WITHIN_MS = 30_000
const ELECTED_WITHIN_MS = 30_000

/** Asks each quorum queue without a leader to elect one; prints how many there were. */
const ELECT = `
  length([ra:trigger_election(Id) || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =:= rabbit_quorum_queue,
    {_, _} = Id <- [amqqueue:get_pid(Q)],
    case catch ra:members(Id, 1000) of {ok, _, Leader} when Leader =/= undefined -> false; _ -> true end]).`

/** Makes sure that every quorum queue has a leader. A node of its own that was killed may bring one back without: then consuming hangs for good, and through
 *  further restarts, until somebody asks for an election (rabbitmq/rabbitmq-server#10070; seen on 3.10.8). @param env of the running server: its name, cookie and epmd. */
export async function electLeaders(env: Record<string, string>): Promise<void> {
  await until('every quorum queue has a leader', () => leaderless(env), { equals: '0', withinMs: ELECTED_WITHIN_MS })
}

async function leaderless(env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(RABBITMQCTL, ['eval', ELECT], { env, timeout: CALL_WITHIN_MS })
  return stdout.trim()
}
