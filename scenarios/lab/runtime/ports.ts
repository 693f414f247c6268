import { createServer } from 'node:net'
import { LabError } from '../errors.ts'
import { type LabPlan, partsOf } from '../plan.ts'
import { pause } from '../until.ts'
import type { PartRecord } from './state.ts'

/** Below the kernel's range for outgoing connections (32768 and up). */
const FIRST_PORT = 20_000
const LAST_PORT = 31_999
const FREE_WITHIN_MS = 2_000

/** Ports that people can remember, for `--fixed-ports`. */
const FIXED_PORTS: Record<string, number> = { 'postgres.sql': 5433 }

/** Of several parts, in the order of the plan. `gpu-fast` is the first GPU: 11501 and 11601. */
const FIRST_FIXED: Record<string, number> = {
  'broker.amqp': 5673,
  'broker.management': 15_673,
  'broker.distribution': 25_673,
  'broker.epmd': 4370,
  'im-node.http': 8101,
  'gpu.http': 11_501,
  'gpu.control': 11_601,
  'worker.http': 8201,
  'console.http': 8301,
}

/** Whether the port is free now. It may be taken a moment later. */
export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** A free port not in `taken`, from a random start, so that labs seldom meet. */
export async function freePort(taken: ReadonlySet<number>): Promise<number> {
  const span = LAST_PORT - FIRST_PORT + 1
  const start = Math.floor(Math.random() * span)
  for (let i = 0; i < span; i += 1) {
    const port = FIRST_PORT + ((start + i) % span)
    if (!taken.has(port) && (await isFree(port))) return port
  }
  throw new LabError('PORT_TAKEN', `no free port between ${FIRST_PORT} and ${LAST_PORT} on 127.0.0.1.\nSee who listens: ss -ltn`)
}

/** A killed process' threads hold its sockets for a moment. */
async function becomesFree(port: number): Promise<boolean> {
  const untilMs = performance.now() + FREE_WITHIN_MS
  for (;;) {
    if (await isFree(port)) return true
    if (performance.now() >= untilMs) return false
    await pause(10)
  }
}

/** A restarted part keeps its ports. Throws PORT_TAKEN if another program has one. */
export async function expectFree(name: string, { ports, starts, processes }: PartRecord, own: readonly string[]): Promise<void> {
  if (starts === 0) return
  // A helper that outlived its part (RabbitMQ's port mapper) has its port still.
  for (const key of processes.length > 1 ? own.filter(port => port !== 'epmd') : own) {
    const port = ports[key]
    if (port !== undefined && !(await becomesFree(port)))
      throw new LabError(
        'PORT_TAKEN',
        `port ${port} of ${name} ${key} is taken on 127.0.0.1.\nSee who uses it: ss -ltnp 'sport = :${port}'`,
      )
  }
}

/** The remembered port of a part; undefined where it has none. */
export function fixedPortOf(part: string, name: string, plan: LabPlan): number | undefined {
  const parts = partsOf(plan)
  const kind = parts.find(other => other.name === part)?.kind
  const first = FIRST_FIXED[`${kind}.${name}`]
  if (first === undefined) return FIXED_PORTS[`${part}.${name}`]
  return first + parts.filter(other => other.kind === kind).findIndex(other => other.name === part)
}

/** The same, if nobody else has it. */
export async function fixedPort(part: string, name: string, plan: LabPlan): Promise<number> {
  const port = fixedPortOf(part, name, plan)
  if (port === undefined) throw new LabError('PORT_TAKEN', `${part} ${name} has no fixed port.\nDrop --fixed-ports: npm run lab:up`)
  if (!(await isFree(port))) {
    throw new LabError(
      'PORT_TAKEN',
      `port ${port} of ${part} ${name} is taken on 127.0.0.1.\nSee who uses it: ss -ltnp 'sport = :${port}'\nOr let the lab choose: npm run lab:up`,
    )
  }
  return port
}
