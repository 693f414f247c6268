import type { LabPlan, Part } from '../plan.ts'
import { isAlive, isPaused } from './processes.ts'
import type { LabState } from './state.ts'

/** What a part needs and what will not come by itself, as far as the lab knows: `postgres is stopped. Start it: …`. Empty while all of it runs or starts. */
export async function lackingParts(state: LabState, plan: LabPlan, part: Part): Promise<string[]> {
  const gpu = plan.workers.find(worker => worker.name === part.name)?.gpu
  // A worker may not declare what IM nodes declare: it waits for the first of them.
  const nodes = part.kind === 'worker' && !(await anyRuns(state, plan.imNodes)) ? plan.imNodes.slice(0, 1) : []
  const needed = [...part.needs, ...(gpu === undefined ? [] : [gpu]), ...nodes]
  const looked = needed.map(async name => {
    const record = state.parts[name]
    if (record === undefined) return [] // A model server of somebody's own, or one that is still to come.
    const [main] = record.processes
    if (main !== undefined && (await isPaused(main))) return [`${name} is paused. Let it go on: npm run lab:resume ${name}`]
    if (record.wanted === 'stopped') return [`${name} is stopped. Start it: npm run lab:start ${name}`]
    return main === undefined || (await isAlive(main)) ? [] : [`${name} has ended. Start it: npm run lab:start ${name}`]
  })
  return (await Promise.all(looked)).flat()
}

async function anyRuns(state: LabState, names: readonly string[]): Promise<boolean> {
  return names.some(name => state.parts[name]?.wanted !== 'stopped')
}
