import { envFromSettings } from '#contracts/settings'
import { ANSWER_QUEUE, type BrokerRole, taskQueue } from '#contracts/topology'
import { type GpuPlan, type LabPlan, type Part, settingsOf } from './plan.ts'

/** Where the parts find each other, whichever runtime placed them. */
export interface Addresses {
  amqpUrl(role: BrokerRole): string
  databaseUrl(role: 'im' | 'worker'): string
  gpuUrl(gpu: string): string
  labSecret: string
  /** PEM file of further authorities that the broker's certificate may be signed by. */
  brokerCa?: string | undefined
}

/** A service's environment: its settings and only the addresses that it needs. Pure. */
export function partEnv(plan: LabPlan, part: Part, addresses: Addresses): Record<string, string> {
  const settings = settingsOf(plan, part.name)
  const isCapable = settings.capabilities.length > 0
  const own = { PART_NAME: part.name, ...envFromSettings(settings) }
  switch (part.kind) {
    case 'im-node':
      return {
        ...own,
        AMQP_URL: addresses.amqpUrl('im'),
        DATABASE_URL: addresses.databaseUrl('im'),
        LAB_SECRET: addresses.labSecret,
        ...trusted(addresses.brokerCa),
        // A node that is given a capability works for the first GPU.
        ...(plan.gpus[0] === undefined || !isCapable ? {} : modelServerEnv(plan.gpus[0], addresses)),
      }
    case 'worker': {
      const name = plan.workers.find(worker => worker.name === part.name)?.gpu
      const gpu = plan.gpus.find(one => one.name === name)
      return {
        ...own,
        AMQP_URL: addresses.amqpUrl('worker'),
        DATABASE_URL: addresses.databaseUrl('worker'),
        ...trusted(addresses.brokerCa),
        ...(gpu === undefined ? { OLLAMA_URL: '' } : modelServerEnv(gpu, addresses)),
      }
    }
    case 'command': {
      const command = plan.commands?.find(({ name }) => name === part.name)
      if (command === undefined) return {}
      return {
        // For our own worker, which is measured by the same contract.
        ...own,
        DATABASE_URL: addresses.databaseUrl('worker'),
        OLLAMA_URL: addresses.gpuUrl(command.gpu),
        AMQP_URL: addresses.amqpUrl('lab'),
        TASK_QUEUE: taskQueue('chat'),
        ANSWER_QUEUE,
        MODEL_URL: addresses.gpuUrl(command.gpu),
        MODEL: settings.model,
        PREFETCH: String(command.prefetchTasks),
      }
    }
    case 'gpu':
      return own
    case 'broker':
    case 'database':
    case 'console':
      return {}
  }
}

/** A part's model server. Headers are secret, like passwords in addresses. */
function modelServerEnv({ name, headers, certificates }: GpuPlan, addresses: Addresses): Record<string, string> {
  return {
    OLLAMA_URL: addresses.gpuUrl(name),
    ...(headers === undefined ? {} : { OLLAMA_HEADERS: JSON.stringify(headers) }),
    ...trusted(certificates),
  }
}

const trusted = (file: string | undefined): Record<string, string> => (file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file })
