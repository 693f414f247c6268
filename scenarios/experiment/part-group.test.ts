import { expect, test } from 'vitest'
import type { Seen } from '../lab/runtime/verbs.ts'
import { partGroup } from './part-group.ts'
import { Recorder } from './recorder.ts'

test('a verb is written down with what was seen of each part, and without proof where nothing was', async () => {
  const verb = async (...parts: string[]) => new Map<string, Seen>(parts.map(part => [part, part === 'b' ? undefined : `${part} ran`]))
  const worker = (name: string) => ({ name, kind: 'worker' as const })
  const lab = { stop: verb, start: verb, kill: verb, pause: verb, resume: verb, parts: [worker('a'), worker('b')] }
  const recorder = new Recorder()
  const done: string[] = []
  const group = partGroup(
    lab,
    'worker',
    recorder,
    act => act(),
    (action, part) => done.push(`${action} ${part}`),
  )
  await group.kill()
  await group.pause('a')
  expect(recorder.events.map(({ atMs: _, ...event }) => event)).toEqual([
    { kind: 'fault', part: 'a', action: 'kill', proof: 'a ran' },
    { kind: 'fault', part: 'b', action: 'kill' },
    { kind: 'fault', part: 'a', action: 'pause', proof: 'a ran' },
  ])
  expect(done).toEqual(['kill a', 'kill b', 'pause a'])
})
