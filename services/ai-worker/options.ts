import type { Registry } from 'prom-client'
import type { Held, Readiness, TaskSteps, WorkerOrders } from '#contracts/http'
import type { RequestHeaders } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'
import type { Broker } from '../kit/broker/types.ts'
import type { Log } from '../kit/log.ts'
import type { TaskStore } from '../kit/task-store.ts'

export interface WorkerOptions {
  /** Shown in tasks and logs; must differ from the name of the IM node that it may run in. */
  name: string
  settings: Settings
  broker: Broker
  store: TaskStore
  ollamaUrl: string
  /** Of every request to the model server; secret. */
  ollamaHeaders: RequestHeaders
  /** Secret. */
  ollamaApiKey?: string
  log: Log
  registry: Registry
}

export interface RunningWorker extends AsyncDisposable {
  held(): Held
  /** Which tasks, those that run first. */
  listed(): NonNullable<Held['tasks']>
  ready(): Readiness
  /** From now on; written into its settings. */
  order(orders: WorkerOrders): Promise<void>
  /** Answered tasks after this index, step by step. */
  steps(after: number): TaskSteps[]
}
