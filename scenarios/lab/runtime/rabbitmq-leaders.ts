import { until } from '../until.ts'

const ELECTED_WITHIN_MS = 30_000

/** Asks each quorum queue without a leader to elect one; prints how many there were. */
const ELECT = `
  length([ra:trigger_election(Id) || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =:= rabbit_quorum_queue,
    {_, _} = Id <- [amqqueue:get_pid(Q)],
    case catch ra:members(Id, 1000) of {ok, _, Leader} when Leader =/= undefined -> false; _ -> true end]).`

/** Elects missing leaders: after a kill consuming may hang (rabbitmq-server#10070; seen on 3.10.8).
 *  @param evaluate runs `rabbitmqctl eval EXPRESSION` */
export async function electLeaders(evaluate: (expression: string) => Promise<string>): Promise<void> {
  const leaderless = async () => (await evaluate(ELECT)).trim()
  await until('every quorum queue has a leader', leaderless, { equals: '0', withinMs: ELECTED_WITHIN_MS })
}
