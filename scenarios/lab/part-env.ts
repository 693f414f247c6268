import { envFromSettings } from '#contracts/settings'
import { type LabPlan, type Part, settingsOf } from './plan.ts'

/** Where the parts find each other, whichever runtime placed them. */
export interface Addresses {
  amqpUrl(role: 'im' | 'worker'): string
  databaseUrl(role: 'im' | 'worker'): string
  gpuUrl(gpu: string): string
  labSecret: string
}

/** The environment of one of our services: its settings and the addresses that it needs, and nothing that it does not. Pure. */
export function partEnv(plan: LabPlan, part: Part, addresses: Addresses): Record<string, string> {
  const own = { PART_NAME: part.name, ...envFromSettings(settingsOf(plan, part.name)) }
  switch (part.kind) {
    case 'im-node':
      return {
        ...own,
        AMQP_URL: addresses.amqpUrl('im'),
        DATABASE_URL: addresses.databaseUrl('im'),
        LAB_SECRET: addresses.labSecret,
        // Used only by a node that is given a capability; it then works for the first GPU.
        ...(plan.gpus[0] === undefined ? {} : { OLLAMA_URL: addresses.gpuUrl(plan.gpus[0].name) }),
      }
    case 'worker': {
      const gpu = plan.workers.find(worker => worker.name === part.name)?.gpu ?? ''
      return {
        ...own,
        AMQP_URL: addresses.amqpUrl('worker'),
        DATABASE_URL: addresses.databaseUrl('worker'),
        OLLAMA_URL: addresses.gpuUrl(gpu),
      }
    }
    case 'gpu':
      return own
    case 'broker':
    case 'database':
      return {}
  }
}
