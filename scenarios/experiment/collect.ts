import { gpuProfile, slotSpeeds } from '#contracts/gpu-profiles'
import type { Settings } from '#contracts/settings'
import type { TaskFailure } from '#contracts/tasks'
import { DEAD_QUEUE } from '#contracts/topology'
import type { ArmFacts } from '#evidence/history'
import type { Lab } from '../lab/lab.ts'
import { type LabPlan, settingsOf } from '../lab/plan.ts'
import type { Recorder } from './recorder.ts'

/** Facts of the plan; settings as parts show them; at the end database and dead letters. */

/** What checks want to know of the arm that runs. */
export function armFacts(plan: LabPlan): ArmFacts {
  const node = settingsOf(plan, plan.imNodes[0] ?? '')
  const workers = plan.workers.map(({ name, gpu }) => {
    const own = settingsOf(plan, name)
    const { workerPrefetchTasks: prefetchTasks, workerSlots: slots, workerPriority: priority, workerBacklogMin: backlogMin } = own
    const card = plan.gpus.find(other => other.name === gpu)
    const worker = { name, prefetchTasks, slots, priority, ...(backlogMin === 0 ? {} : { backlogMin }) }
    if (card?.url !== undefined) return worker
    const profile = gpuProfile(card?.profile ?? '')
    const known = { ...worker, batching: slotSpeeds(profile) }
    return profile.fixedServiceMs === undefined ? known : { ...known, serviceMs: profile.fixedServiceMs / settingsOf(plan, gpu).timeScale }
  })
  return { sequenced: node.chatStored, robot: node.robotUser, workers, attemptsMax: node.taskAttemptsMax }
}

/** Records the plan's settings as each part shows them: an arm may exist in its plan only. */
export async function readBackSettings(lab: Lab, recorder: Recorder): Promise<void> {
  const { settings, partSettings } = lab.plan
  const ours = lab.parts.filter(part => part.kind === 'im-node' || part.kind === 'worker' || part.kind === 'gpu')
  await Promise.all(
    ours.map(async ({ name, kind }) => {
      const shown = await lab.shownSettings(name)
      const wanted: Settings = settingsOf(lab.plan, name)
      for (const setting of Object.keys({ ...settings, ...partSettings[name] }) as (keyof Settings)[]) {
        if (kind === 'gpu' && setting === 'gpuProfile') continue // It is each GPU's own.
        const [expected, seen] = [JSON.stringify(wanted[setting]), JSON.stringify(shown[setting]) ?? 'nothing']
        recorder.record({ kind: 'setting', part: name, setting, expected, seen })
      }
    }),
  )
}

/** Messages, tasks and dead letters as they lie there at the end. */
export async function dumpStores(lab: Lab, recorder: Recorder): Promise<void> {
  const messages = await lab.sql<{ conversation: string; seq: number; sender: string; client_message_id: string }>(
    'select conversation, seq::int as seq, sender, client_message_id from messages order by conversation, seq',
  )
  for (const { conversation, seq, sender, client_message_id: clientMessageId } of messages)
    recorder.record({ kind: 'message-row', conversation, seq, sender, clientMessageId })
  const tasks = await lab.sql<{
    id: string
    ord: number
    conversation: string
    seq: number
    asker: string
    state: 'queued' | 'running' | 'answered' | 'failed' | 'cancelled'
    attempts: number
    refunded: number
    failure: TaskFailure | null
  }>('select id, ord::int as ord, conversation, seq::int as seq, asker, state, attempts, refunded, failure from tasks order by ord')
  for (const { id: task, failure, ...row } of tasks)
    recorder.record({ kind: 'task-row', task, ...row, ...(failure === null ? {} : { failure }) })
  for (const queue of lab.workQueues) {
    const count = await lab.queue(queue)
    if (count !== undefined) recorder.record({ kind: 'queue', queue, ...count })
  }
  if ((await lab.queue(DEAD_QUEUE)) !== undefined) for (const task of await deadTasks(lab)) recorder.record({ kind: 'dead', task })
}

/** Takes the dead letters out: this arm is over. */
async function deadTasks(lab: Lab): Promise<string[]> {
  const channel = await lab.broker()
  const tasks: string[] = []
  for (;;) {
    const message = await channel.get(DEAD_QUEUE, { noAck: true })
    if (message === false) break
    const id: unknown = message.properties.messageId
    tasks.push(typeof id === 'string' ? id : '')
  }
  await channel.close()
  return tasks
}
