import type { PartKind } from '../../plan.ts'
import type { PartProcess } from '../part-process.ts'
import { POSTGRES } from '../postgres.ts'
import { RABBITMQ } from '../rabbitmq.ts'
import { GPU, IM_NODE } from '../service.ts'

/** A kind of part as a container; looks at it are those of a process. */
export interface PartContainer extends Partial<Pick<PartProcess, 'missing' | 'prepare'>> {
  /** Name of the published port -> port in the container. A worker publishes none. */
  ports: Record<string, number>
  /** The service of compose.yaml that parts of other names are made after. */
  like: string
  /** Of compose.yaml. */
  networks: readonly string[]
  urls: PartProcess['urls']
}

export const KINDS: Record<PartKind, PartContainer> = {
  broker: {
    ports: { amqp: 5672, management: 15_672 },
    like: 'rabbitmq',
    networks: ['cloud', 'home'],
    missing: RABBITMQ.missing,
    urls: RABBITMQ.urls,
  },
  database: { ports: { sql: 5432 }, like: 'postgres', networks: ['cloud', 'home'], ...pick(POSTGRES) },
  'im-node': { ports: { http: 8080 }, like: 'im-a', networks: ['cloud'], ...pick(IM_NODE) },
  gpu: { ports: { http: 11_434, control: 11_435 }, like: 'gpu-fast', networks: ['home'], ...pick(GPU) },
  worker: { ports: {}, like: 'worker-fast', networks: ['home'], urls: () => ({}) },
  // Refused before anything starts.
  command: { ports: {}, like: 'worker-fast', networks: [], urls: () => ({}) },
  // It drives the lab from outside, which no container may: `lab:up` leaves it out.
  console: { ports: {}, like: '', networks: [], urls: () => ({}) },
}

function pick({ missing, prepare, urls }: PartProcess): Pick<PartContainer, 'missing' | 'prepare' | 'urls'> {
  return { missing, urls, ...(prepare === undefined ? {} : { prepare }) }
}
