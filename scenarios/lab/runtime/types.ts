import type { BrokerRole } from '#contracts/topology'
import type { LabPlan, Part } from '../plan.ts'
import type { Orderable, PartVerbs } from './verbs.ts'

/** What a lab needs from its runtime, for processes and containers alike. */

export type PartState = 'ready' | 'starting' | 'not-ready' | 'paused' | 'stopped' | 'exited'

export interface PartStatus extends Part {
  state: PartState
  /** Why it is not ready; empty when it is. */
  missing: string[]
  urls: Record<string, string>
  uptimeSeconds: number
  /** Times that it was started again after the first. */
  restarts: number
  /** Resident memory of all that belongs to it, MiB. */
  rssMiB: number
  /** CPU time of all that belongs to it and lives, since its start. Milliseconds. */
  cpuMs: number
}

/** Told while parts come up, for progress. */
export type OnPart = (part: Part, event: 'starting' | 'ready', tookMs: number) => void

/** CPU time since the machine's start, milliseconds summed over its cores. */
export interface MachineLoad {
  /** All there was to use. */
  capacityMs: number
  /** Used by anybody, a host's steal included; interrupts are not. */
  busyMs: number
  /** Used by the lab's parts, ended ones as last seen, and this process. */
  ownMs: number
}

/** HTTP to a part's health port. */
export interface PartRequest {
  /** Default GET. */
  method?: string
  /** JSON. */
  body?: string
  signal: AbortSignal
}

export const RUNTIMES = ['native', 'compose'] as const
export type RuntimeName = (typeof RUNTIMES)[number]

export interface Runtime extends PartVerbs, Orderable {
  readonly name: RuntimeName
  readonly plan: LabPlan
  readonly parts: Part[]
  /** Starts missing parts; resolves when all are ready. Throws PART_NOT_READY, PORT_TAKEN. */
  up(onPart: OnPart, signal: AbortSignal): Promise<void>
  /** Another plan's services in an unused space; broker and database stay. Throws NO_SPACE. */
  renew(plan: LabPlan, signal: AbortSignal): Promise<void>
  status(): Promise<PartStatus[]>
  /** Wanted parts that ended. Cheap; may name one that is being started. */
  exited(): Promise<string[]>
  machineLoad(): Promise<MachineLoad>
  /** `http`, `control`, `amqp`, `postgres` … without credentials. */
  urls(part: string): Record<string, string>
  /** As `fetch`, to its health port (`control` of a GPU), wherever that can be reached from. */
  request(part: string, path: string, init: PartRequest): Promise<Response>
  /** Of every node of the broker, with commas between. */
  amqpUrl(role: BrokerRole): string
  /** PEM file of authorities that the broker's certificate may be signed by. */
  readonly brokerCa: string | undefined
  /** Virtual host and database in use. */
  readonly space: string
  /** The part that is a node of the broker, by its Erlang name. */
  brokerOf(node: string): string | undefined
  /** What RabbitMQ's command prints at a node of the broker. */
  rabbitmqctl(part: string, args: readonly string[]): Promise<string>
  databaseUrl(role: 'im' | 'worker' | 'lab'): string
  logTail(part: string, lines: number): Promise<string>
  /** New log text as it comes, until the signal. */
  logFollow(part: string, onText: (text: string) => void, signal: AbortSignal): Promise<void>
  /** A private lab becomes one that outlives its owner. */
  keep(): Promise<void>
  /** Lets go of what it holds open; the lab runs on. */
  close(): void
  /** Ends everything and removes every trace. */
  down(): Promise<void>
}
