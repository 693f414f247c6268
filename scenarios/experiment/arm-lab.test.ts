import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ArmLab } from './arm-lab.ts'
import { Askers } from './devices.ts'
import { Exits } from './exits.ts'
import { FakeLab } from './fake-lab.ts'
import { GpuLogs } from './gpu-logs.ts'
import { Recorder } from './recorder.ts'

/** How waits of a script end, on a clock that is put forward. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime', 'performance'] }))
afterEach(() => void vi.useRealTimers())

class Restless extends FakeLab {
  override async queue() {
    return { ready: 3, consumers: 0 }
  }
}

function armIn(lab: FakeLab, own?: string) {
  const recorder = new Recorder()
  const signal = new AbortController().signal
  const endsWhen = own === undefined ? undefined : { what: own, holds: async () => recorder.nowMs() > 1_000 }
  const closing = new AsyncDisposableStack()
  const logs = new GpuLogs(lab, recorder)
  const arm = new ArmLab({
    lab,
    recorder,
    logs,
    exits: new Exits(lab),
    seed: 1,
    shared: new Map(),
    signal,
    keepsTexts: false,
    endsWhen,
    closing,
  })
  return { arm, recorder, askers: new Askers([], signal) }
}

test.each([
  ['rest', new FakeLab(), undefined, 'nothing left to do'],
  ['deadline', new Restless(), undefined, expect.stringMatching(/^3 ready in bot\./)],
  ['own-condition', new Restless(), 'enough', 'enough'],
])('the history says why an arm ended: %s', async (ended, lab, own, lastSeen) => {
  const { arm, recorder } = armIn(lab, own)
  const quiescent = arm.quiescent({ withinMs: 5_000 })
  await vi.advanceTimersByTimeAsync(6_000)
  await quiescent
  expect(recorder.events).toMatchObject([{ kind: 'rest', ended, lastSeen }])
})

test('a warm-up that does not come to rest cuts the script short: what is left of it would be measured', async () => {
  const { arm, recorder, askers } = armIn(new Restless())
  const warmUp = expect(arm.warmUp(askers, 0)).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/3 ready in bot\./),
  })
  await vi.advanceTimersByTimeAsync(40_000)
  await warmUp
  expect(recorder.events).toEqual([])
})
