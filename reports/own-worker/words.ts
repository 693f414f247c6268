import type { OwnWorkerCode } from '#evidence/finding'

/** Words about a worker of somebody's own. Templates as in `finding-words.ts`. Pure. */

export const OWN_WORKER_BREACHES: Readonly<Record<OwnWorkerCode, string>> = {
  'task-unanswered': 'task {task:id} has no answer; at the end it is {where:words}',
  'answer-unreadable': 'an answer is not JSON with task and text: {begins}',
  'acked-automatically': 'task {task:id} counted as done when it was sent: the worker consumes with automatic ack',
  'acked-unanswered': 'task {task:id} was acknowledged and never answered',
  'acked-early': 'task {task:id} was acknowledged {earlyMs:ms} before its answer was published',
  'acked-unconfirmed': 'task {task:id} was acknowledged before the broker confirmed its answer',
  'held-too-many': 'the worker held {held:#task}, PREFETCH is {most}',
  'settled-elsewhere': '{verb} on channel {channel} for a delivery of another channel (tag {tag})',
  'settled-twice': '{verb} for a delivery that was settled before (channel {channel}, tag {tag})',
  'poison-acked': 'task {task:id}, which no model can answer, was acknowledged: nobody hears of it again',
  'poison-nacked': 'task {task:id}, which no model can answer, was given back {nacks} times by nack, which RabbitMQ 4.3 does not count',
  'poison-lives':
    'task {task:id}, which no model can answer, is {where:words} after {deliveries} deliveries; expected dead-lettered after {most} at most',
  'not-reconnected': 'the worker did not consume again within {withinMs:ms}',
  'ended-without-way': 'the worker ended when it lost its connection, and did not come back within {withinMs:ms}',
  'ended-late': 'the worker ended {tookMs:ms} after SIGTERM, limit {limitMs:ms}',
  'heartbeat-off': 'the worker turned heartbeats off: it cannot notice a dead connection, nor can the broker',
  'heartbeat-missed': 'the worker sent nothing for {silentMs:ms}, its heartbeat is {heartbeatMs:ms}',
}

/** By check. The first has a line for each arm. */
export const CLAUSES: Readonly<Record<string, string>> = {
  'task-answered': 'loses no task',
  'acks-after-answer': 'acknowledges after the answer',
  'answer-confirmed': 'waits for the confirm of its answer',
  'holds-at-most': 'holds at most its prefetch',
  'settles-where-delivered': 'settles where it was delivered',
  'poison-ends': 'ends a hopeless task',
  reconnects: 'reconnects',
  'ends-when-asked': 'ends when asked',
  'keeps-heartbeat': 'answers heartbeats amid an inference',
}
