import { expect, test } from 'vitest'
import { eventsOf } from '#evidence/history'
import { armFacts, readBackSettings } from './collect.ts'
import { FakeLab } from './fake-lab.ts'
import { Recorder } from './recorder.ts'

test('every setting of the plan is read back from each part, those of its own too, and what differs is what it shows', async () => {
  const lab = new FakeLab({
    settings: { workerPrefetchTasks: 250, timeScale: 5 },
    partSettings: { 'im-b': { headCheckMs: 1_500 } },
    imNodes: ['im-a', 'im-b'],
  })
  Object.assign(lab.shown, { workerPrefetchTasks: 1 })
  const recorder = new Recorder()
  await readBackSettings(lab, recorder)
  const read = eventsOf({ ...armFacts(lab.plan), events: recorder.events }, 'setting')
  expect(read.map(({ part, setting, expected, seen }) => `${part} ${setting} ${expected} ${seen}`).sort()).toEqual([
    'im-a timeScale 5 5',
    'im-a workerPrefetchTasks 250 1',
    'im-b headCheckMs 1500 1500',
    'im-b timeScale 5 5',
    'im-b workerPrefetchTasks 250 1',
  ])
})
