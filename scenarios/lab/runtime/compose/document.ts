import type { BrokerRole } from '#contracts/topology'
import { type Addresses, partEnv } from '../../part-env.ts'
import { DEFAULT_PLAN, type LabPlan, type Part, partsOf } from '../../plan.ts'
import { brokerArguments, brokerDefinitions } from '../rabbitmq.ts'
import { KINDS } from './kinds.ts'
import { FOLDER_LABEL } from './project.ts'

/** A lab's additions to compose.yaml: settings, passwords, ports, parts. Pure. */

export interface ComposeInput {
  folder: string
  plan: LabPlan
  /** Part -> name of the port -> port on 127.0.0.1. */
  ports: Record<string, Record<string, number>>
  passwords: Record<string, string>
  secret: string
  space: string
  spaces: readonly string[]
  /** Path of compose.yaml, for parts that are made after one of its services. */
  base: string
}

/** Parts of compose.yaml, all of which the default plan has. */
const IN_BASE = new Set(partsOf(DEFAULT_PLAN).map(part => part.name))

/** A compose file, in JSON but for its `!override` marks: YAML that any compose reads. */
export function composeDocument(input: ComposeInput): string {
  const services = partsOf(input.plan).map(part => `  ${JSON.stringify(part.name)}: ${service(part, input)}`)
  return `services:\n${services.join('\n')}\n`
}

function service(part: Part, input: ComposeInput): string {
  const { ports, like } = KINDS[part.kind]
  const own = input.ports[part.name] ?? {}
  const published = Object.entries(ports).map(([name, inside]) => `127.0.0.1:${own[name]}:${inside}`)
  const lines = [
    ...(IN_BASE.has(part.name) ? [] : [`extends: {file: ${JSON.stringify(input.base)}, service: ${like}}`, 'depends_on: !reset {}']),
    `environment: ${literal(environment(part, input))}`,
    `labels: ${literal({ [FOLDER_LABEL]: input.folder })}`,
    `ports: !override ${literal(published)}`,
    // The lab looks for itself, and an engine's check of each part costs a twentieth of a core.
    'healthcheck: {disable: true}',
  ]
  // A node that is given a capability works for a GPU, which stands at home.
  if (part.kind === 'im-node' && needsHome(part, input)) lines.push('networks: !override [cloud, home]')
  return `{${lines.join(', ')}}`
}

/** Compose would take a dollar for one of its own variables. */
const literal = (value: unknown) => JSON.stringify(value).replaceAll('$', '$$$$')

function needsHome(part: Part, { plan }: ComposeInput): boolean {
  return (plan.partSettings[part.name]?.capabilities ?? plan.settings.capabilities ?? []).length > 0
}

function environment(part: Part, { plan, passwords, secret, space, spaces }: ComposeInput): Record<string, string> {
  switch (part.kind) {
    case 'broker':
      return {
        DEFINITIONS: JSON.stringify(brokerDefinitions(passwords, spaces)),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: brokerArguments(plan, []),
      }
    case 'database':
      return { POSTGRES_PASSWORD: passwords['database.owner'] ?? '', POSTGRES_DB: spaces[0] ?? space }
    default:
      return partEnv(plan, part, inside({ plan, passwords, secret, space }))
  }
}

/** Where containers find each other: by name. */
function inside({ plan, passwords, secret, space }: Pick<ComposeInput, 'plan' | 'passwords' | 'secret' | 'space'>): Addresses {
  return {
    amqpUrl: (role: BrokerRole) => `amqp://${role}:${passwords[`broker.${role}`]}@rabbitmq:5672/${space}`,
    databaseUrl: role => `postgres://${role}:${passwords[`database.${role}`]}@postgres:5432/${space}`,
    gpuUrl: name => plan.gpus.find(gpu => gpu.name === name)?.url ?? `http://${name}:${KINDS.gpu.ports['http']}`,
    labSecret: secret,
  }
}
