import type { Act as AnyAct } from './acts.ts'
import type { StoryName } from './story-names.ts'

/** Guided stories: each sets a scene and waits for one click. Words are the page's. Pure. */

/** Of what the GPUs can do. */
const LOAD = 0.7

export type Act = Exclude<AnyAct, { act: 'story' | 'click' }>

export interface Stage {
  workers: readonly string[]
  gpus: readonly string[]
  nodes: readonly string[]
  /** Per second of GPU time. */
  capacity: number
}

/** A clean table, as each story begins. */
function clean({ workers, gpus, nodes }: Stage, prefetch: number): Act[] {
  return [
    { act: 'crowd', perSecond: 0 },
    ...[...nodes, ...gpus].map((part): Act => ({ act: 'part', verb: 'start', part })),
    // Before the workers: one whose GPU is sick does not get ready.
    ...gpus.map((gpu): Act => ({ act: 'fault', gpu, fault: 'none' })),
    ...workers.map((part): Act => ({ act: 'part', verb: 'start', part })),
    ...workers.map((worker): Act => ({ act: 'orders', worker, workerPrefetchTasks: prefetch, workerSlots: 1 })),
  ]
}

/** @returns what sets the scene, and what the click does */
export function story(name: StoryName, stage: Stage): { scene: Act[]; click: Act[] } {
  const { workers, gpus, nodes, capacity } = stage
  const last = workers.at(-1) ?? ''
  const crowd = (load: number): Act => ({ act: 'crowd', perSecond: Number((load * capacity).toPrecision(3)) })
  const say = (text: string, to: 'robot' | 'other' = 'robot'): Act => ({ act: 'say', who: 'ann', to, text })
  switch (name) {
    case 'hoarding':
      return {
        scene: [...clean(stage, 1), crowd(LOAD)],
        click: workers.map(worker => ({ act: 'orders', worker, workerPrefetchTasks: 250, workerSlots: 1 })),
      }
    case 'offline':
      return {
        scene: [
          ...clean(stage, 1),
          crowd(LOAD / 2),
          ...workers.map((part): Act => ({ act: 'part', verb: 'stop', part })),
          say('Is anybody there?'),
        ],
        click: workers.map(part => ({ act: 'part', verb: 'start', part })),
      }
    case 'killed':
      return { scene: [...clean(stage, 20), crowd(1.2)], click: [{ act: 'part', verb: 'kill', part: last }] }
    case 'poison':
      return {
        scene: [...clean(stage, 1), crowd(LOAD / 2), ...gpus.map((gpu): Act => ({ act: 'fault', gpu, fault: 'poison' }))],
        click: [say('poison')],
      }
    case 'sick':
      return { scene: [...clean(stage, 1), crowd(LOAD / 2)], click: [{ act: 'fault', gpu: gpus[0] ?? '', fault: 'fails' }] }
    case 'node':
      return {
        scene: [...clean(stage, 1), say('Hello Bob, can you read this?', 'other')],
        click: [
          { act: 'part', verb: 'kill', part: nodes[0] ?? '' },
          { act: 'say', who: 'bob', to: 'other', text: 'Your node died. Can you still read this?' },
        ],
      }
  }
}
