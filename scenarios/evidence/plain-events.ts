import { z } from 'zod'
import { event, text } from './event.ts'

/** Events of scenarios about broker, database or model servers alone, without our services. */

const Declared = event('declared', { what: z.enum(['exchange', 'queue']), name: text, type: text.optional() })
const Bound = event('bound', { exchange: text, queue: text, key: text })
/** `each`: must every one of `meantFor` get it, or exactly one, as they share the work? */
const Published = event('published', { message: text, exchange: text, key: text, meantFor: z.array(text), each: z.enum(['every', 'one']) })
const Received = event('received', { message: text, queue: text, consumer: text })

/** An envelope is on the table. Cents. */
const Envelope = event('envelope', { envelope: text, amountCents: z.int(), takes: z.int() })
/** Somebody opened it and saw this balance. Share 0 = it was empty. */
const Took = event('took', {
  envelope: text,
  taker: text,
  node: text,
  sawCents: z.int(),
  shareCents: z.int(),
  /** How often it had to begin anew, because another one came first. */
  retries: z.int(),
  tookMs: z.number(),
})
/** What the database says in the end. */
const Balance = event('balance', { envelope: text, leftCents: z.int(), leftTakes: z.int() })

/** A sentence was tried, as people believe it or the right way. `holds`: its promise was kept.
 *  `expected`: as documented for this broker. */
const Tried = event('tried', {
  sentence: text,
  way: z.enum(['believed', 'right']),
  holds: z.boolean(),
  expected: z.boolean(),
  seen: z.record(text, z.union([text, z.number()])),
})

/** Something of the script that cannot be done where it ran. */
const LeftOut = event('left-out', { what: text, code: z.enum(['BROKER_RESTART']) })

/** A user's prompt went straight to the balancer before the model servers: nothing is stored. */
const Pushed = event('pushed', { user: text, clientMessageId: text, task: text })
/** Its user has the whole answer, or an error. `asked`: the servers in turn, with their results. */
const PushEnded = event('push-ended', {
  user: text,
  clientMessageId: text,
  task: text,
  answered: z.boolean(),
  asked: z.array(z.strictObject({ server: text, result: text })),
})

export const PLAIN_EVENTS = [Declared, Bound, Published, Received, Envelope, Took, Balance, Tried, LeftOut, Pushed, PushEnded] as const
