import { brokersOf } from '../brokers.ts'
import { ofLab } from '../errors.ts'
import type { LabPlan, Part } from '../plan.ts'
import type { LabState } from './state.ts'

/** How a part is at this moment; undefined: nothing of it was started yet. */
export type Condition = 'runs' | 'paused' | 'ended' | undefined

/** What a part needs and will not come: `postgres is stopped. Start it: …`. Empty while all runs or
 *  starts. @param conditionOf wanted or paused parts */
export async function lackingParts(
  { name: lab, parts }: Pick<LabState, 'name' | 'parts'>,
  plan: LabPlan,
  part: Part,
  conditionOf: (name: string) => Promise<Condition>,
): Promise<string[]> {
  const gpu = plan.workers.find(worker => worker.name === part.name)?.gpu
  // A worker may not declare what IM nodes declare: it waits for the first of them.
  const anyNode = plan.imNodes.some(name => parts[name]?.wanted !== 'stopped')
  const nodes = part.kind === 'worker' && !anyNode ? plan.imNodes.slice(0, 1) : []
  const needed = [...part.needs, ...(gpu === undefined ? [] : [gpu]), ...nodes]
  const brokers = new Set(brokersOf(plan))
  const lackOf = async (name: string): Promise<string[]> => {
    const record = parts[name]
    if (record === undefined) return [] // A user's own model server, or one still to come.
    const condition = await conditionOf(name)
    if (condition === 'paused') return [`${name} is paused. Let it go on: npm run lab:resume ${name}${ofLab(lab)}`]
    if (record.wanted === 'stopped') return [`${name} is stopped. Start it: npm run lab:start ${name}${ofLab(lab)}`]
    return condition === 'ended' ? [`${name} has ended. Start it: npm run lab:start ${name}${ofLab(lab)}`] : []
  }
  const looked = await Promise.all(needed.map(async name => ({ name, lacks: await lackOf(name) })))
  const down = looked.filter(({ name, lacks }) => brokers.has(name) && lacks.length > 0).length
  // A majority of the broker's nodes is enough.
  const served = brokers.size - down > brokers.size / 2
  return looked.flatMap(({ name, lacks }) => (served && brokers.has(name) ? [] : lacks))
}
