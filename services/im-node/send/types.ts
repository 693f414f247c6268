import type { Registry } from 'prom-client'
import type { RefusalCode } from '#contracts/frames'
import type { Settings } from '#contracts/settings'
import type { Broker } from '../../kit/broker/types.ts'
import type { ChatStore } from '../../kit/chat-store.ts'
import type { FanOut } from '../../kit/fan-out.ts'
import type { Log } from '../../kit/log.ts'
import type { NewMessage } from '../../kit/new-message.ts'
import type { Connection, Connections } from '../connections.ts'
import type { HandOver } from '../hand-over.ts'

export interface SendPathParts {
  settings: Settings
  store: ChatStore
  broker: Broker
  connections: Connections
  fanOut: FanOut
  handOver: HandOver
  registry: Registry
  log: Log
}

/** Delivers an accepted message and answers its sender: one way per design, chosen at start. */
export interface SendWay {
  send(connection: Connection, message: NewMessage): void
  /** Messages that wait for their turn. */
  readonly waiting: number
  /** Resolves when those accepted have their answer. */
  drain(): Promise<void>
}

export type Refuse = (connection: Connection, ref: string, code: RefusalCode, retryable: boolean, detail: string) => void
