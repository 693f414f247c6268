import { ChatClient } from '../client.ts'
import type { ChatOptions, Tuning } from '../types.ts'
import { FakeNode } from './node.ts'
import { FakeStore } from './store.ts'

/** Short times, so that a test of patience takes milliseconds. */
const QUICK: Partial<Tuning> = {
  backoffBaseMs: 5,
  backoffCapMs: 20,
  stableMs: 50,
  gapMs: 20,
  gapAgainMs: 60,
  sendTimeoutMs: 100,
  sendDeadlineMs: 2_000,
  connectWithinMs: 2_000,
  readyWithinMs: 500,
}

export interface Device extends AsyncDisposable {
  client: ChatClient
  /** Bodies in the order of the view. */
  shown: string[]
  /** Events other than messages, as `name detail`. */
  log: string[]
}

/** A connected client that writes down what it shows. */
export async function device(user: string, nodes: FakeNode[], options: Partial<ChatOptions> = {}): Promise<Device> {
  const shown: string[] = []
  const log: string[] = []
  const client = await ChatClient.connect({
    nodes: nodes.map(node => node.url),
    user,
    secret: 'the secret of the lab',
    ...options,
    tuning: { ...QUICK, ...options.tuning },
    on: {
      message: message => shown.push(message.body),
      connected: at => log.push(`connected ${at.node}${at.resumed ? ' again' : ''}`),
      caughtUp: at => log.push(`caughtUp ${at.messages}`),
      disconnected: at => log.push(`disconnected ${at.code}`),
      refused: frame => log.push(`refused ${frame.code}`),
      gapRepaired: gap => log.push(`repaired ${gap.messages}`),
      trouble: error => log.push(`trouble ${error.code}`),
      closed: error => log.push(`closed ${error?.code ?? ''}`),
      ...options.on,
    },
  })
  return { client, shown, log, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() }
}

/** Two nodes over one store; `await using` ends both. */
export async function twoNodes(): Promise<{ a: FakeNode; b: FakeNode; store: FakeStore } & AsyncDisposable> {
  const store = new FakeStore()
  const all: FakeNode[] = []
  const a = await FakeNode.start('im-a', store, all)
  const b = await FakeNode.start('im-b', store, all)
  const end = () => Promise.all([a, b].map(node => node[Symbol.asyncDispose]())).then(() => undefined)
  return { a, b, store, [Symbol.asyncDispose]: end }
}
