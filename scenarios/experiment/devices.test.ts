import { expect, test } from 'vitest'
import type { ChatClient } from '#client'
import { eventsOf } from '#evidence/history'
import { armFacts } from './collect.ts'
import { Askers, Device } from './devices.ts'
import { FakeLab } from './fake-lab.ts'
import { Recorder } from './recorder.ts'

/** A client whose every send is stored at once. */
class LabWithClients extends FakeLab {
  override async client(): Promise<ChatClient> {
    const client = {
      robot: 'URobot',
      counters: { rawDuplicates: 2, gapsAsked: 1, reconnects: 0 },
      send: async () => ({ state: 'stored', conversation: 'c', seq: 1 }),
      [Symbol.asyncDispose]: async () => undefined,
    }
    return client as unknown as ChatClient // The rest of it is not asked for.
  }
}

async function asker(signal = new AbortController().signal) {
  const lab = new LabWithClients()
  const recorder = new Recorder()
  const device = await Device.online(lab, recorder, 'ann.1', { user: 'ann', on: ['im-a'], seed: 1, signal })
  return { device, history: { ...armFacts(lab.plan), events: recorder.events } }
}

test('an open loop records the intended time of each prompt, however late it is', async () => {
  const { device, history } = await asker()
  const times = [0, 0, 3, 5]
  await new Askers([device], new AbortController().signal).askAt(times.map(publishedMs => ({ publishedMs })))
  const sends = eventsOf(history, 'send')
  const [{ dueMs: startMs = Number.NaN } = {}] = sends
  expect(sends.map(({ dueMs = Number.NaN }) => dueMs - startMs)).toEqual(times.map(ms => expect.closeTo(ms, 3)))
  for (const { atMs, dueMs = Number.NaN } of sends) expect(atMs).toBeGreaterThanOrEqual(dueMs)
  await device.ask('at once')
  expect(eventsOf(history, 'send').at(-1)).not.toHaveProperty('dueMs')
})

test('a device whose script was given up sends nothing more', async () => {
  const stop = new AbortController()
  const { device, history } = await asker(stop.signal)
  await device.send('bob', 'before')
  const under = device.send('bob', 'under way')
  stop.abort(new Error('SIGINT'))
  await expect(under).rejects.toThrow('SIGINT')
  await expect(device.send('bob', 'after')).rejects.toThrow('SIGINT')
  expect(eventsOf(history, 'send')).toHaveLength(2)
})

test('the counters of a client are recorded when its device goes offline', async () => {
  const { device, history } = await asker()
  await device[Symbol.asyncDispose]()
  expect(eventsOf(history, 'counted')).toMatchObject([{ user: 'ann', device: 'ann.1', rawDuplicates: 2, gapsAsked: 1, reconnects: 0 }])
})
