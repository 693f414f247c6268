/** Why an inference gave no answer. `server-down`: the model server does not answer at all. `failed`: it answered with an error, broke off, hung or sent nonsense.
 *  `empty`: it ended well and there was nothing to show. `stopped`: this worker is being stopped. */
export interface Failure {
  kind: 'server-down' | 'failed' | 'empty' | 'stopped'
  detail: string
}

export type Settlement =
  /** Back to the queue. `refund`: nothing was inferred by fault of the task, the attempt does not count. */
  | { action: 'requeue'; verb: 'reject' | 'nack'; refund: boolean }
  /** The allowance is used up: apology, then the dead-letter queue. */
  | { action: 'give-up' }

/** How to settle a task that got no answer. RabbitMQ 4.3 counts a rejected task as an attempt and dead-letters it at the queue's limit; it does not count a
 *  nacked one, which may circle for ever. https://www.rabbitmq.com/docs/nack
 *  So a failure of the task goes back by `retryVerb` (default reject), and is bounded by our own count, since classic queues never count; what is not the task's
 *  fault goes back by nack, and must not use up the attempts of a task that happened to stand in front of a broken machine.
 *  @param attemptsMax 0 = no bound: such a task circles for ever, on every version. */
export function settlement(
  failure: Failure,
  { attempt, attemptsMax, retryVerb }: { attempt: number; attemptsMax: number; retryVerb: 'reject' | 'nack' },
): Settlement {
  if (failure.kind === 'server-down' || failure.kind === 'stopped') return { action: 'requeue', verb: 'nack', refund: true }
  if (attemptsMax > 0 && attempt >= attemptsMax) return { action: 'give-up' }
  return { action: 'requeue', verb: retryVerb, refund: false }
}
