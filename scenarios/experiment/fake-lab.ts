import type { Settings } from '#contracts/settings'
import { Lab } from '../lab/lab.ts'
import { DEFAULT_PLAN, type LabPlan, partsOf, settingsOf } from '../lab/plan.ts'
import type { Runtime } from '../lab/runtime/types.ts'

/** For tests of the runner: a lab without processes, idle; `broken` has its faults. */

type Step = 'versions' | 'dump' | 'renew' | 'down' | 'keep'

/** Nobody works there, so that nothing is ever left to do. */
const EMPTY: Pick<LabPlan, 'imNodes' | 'gpus' | 'workers'> = { imNodes: ['im-a'], gpus: [], workers: [] }

export class FakeLab extends Lab {
  /** Throws when it comes to it. */
  readonly broken = new Map<Step, Error>()
  /** What was done, in turn. */
  readonly done: string[] = []
  /** Parts that exited. */
  readonly dead: string[] = []
  /** Settings that parts show otherwise. */
  readonly shown: Partial<Record<keyof Settings, unknown>> = {}

  constructor(plan: Partial<LabPlan> = {}) {
    const given = { plan: { ...DEFAULT_PLAN, ...EMPTY, ...plan } }
    const step = (name: Step) => {
      this.done.push(name)
      const error = this.broken.get(name)
      if (error !== undefined) throw error
    }
    const runtime = {
      name: 'native' as const,
      get plan() {
        return given.plan
      },
      get parts() {
        return partsOf(given.plan)
      },
      urls: () => ({}),
      machineLoad: async () => ({ capacityMs: 0, busyMs: 0, ownMs: 0 }),
      logTail: async (part: string) => `log of ${part}`,
      renew: async (next: LabPlan) => {
        step('renew')
        given.plan = { ...next, ...EMPTY }
      },
      keep: async () => step('keep'),
      close: () => undefined,
      down: async () => step('down'),
    }
    super('fake', 'secret', runtime as unknown as Runtime, true) // Nothing calls the verbs.
  }

  #throws(step: Step): void {
    const error = this.broken.get(step)
    if (error !== undefined) throw error
  }

  override async versions() {
    this.#throws('versions')
    return { broker: 'RabbitMQ 0', database: 'PostgreSQL 0' }
  }

  override async shownSettings(part: string) {
    return { ...settingsOf(this.plan, part), ...this.shown }
  }

  override async exited() {
    return [...this.dead]
  }

  override async queue(name: string) {
    return /dead/.test(name) ? undefined : { ready: 0, consumers: 0 }
  }

  override async sql<R extends Record<string, unknown>>(text: string): Promise<R[]> {
    if (text.includes('from messages')) this.#throws('dump')
    return []
  }
}
