import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hostNowMs } from '../lab/clock.ts'
import type { ModelTap, TappedAnswer } from '../lab/real-model/tap.ts'
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

function armIn(lab: FakeLab, own?: string, tap?: Pick<ModelTap, 'take'>) {
  const recorder = new Recorder()
  const signal = new AbortController().signal
  const endsWhen = own === undefined ? undefined : { what: own, holds: async () => recorder.nowMs() > 1_000 }
  const closing = new AsyncDisposableStack()
  const logs = new GpuLogs(lab, recorder, tap)
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

class OneWorker extends FakeLab {
  constructor() {
    super({
      gpus: [{ name: 'gpu-fast', profile: 'rtx-4090', url: 'http://127.0.0.1:1' }],
      workers: [{ name: 'worker-fast', gpu: 'gpu-fast' }],
    })
  }

  override readonly held = async () => [{ worker: 'worker-fast', consuming: true, queues: {} }]
}

/** A real model server's answers to waiting prompts: 100 ms each, with a gap between two. */
function answersAfter(gapMs: number): Pick<ModelTap, 'take'> {
  const startMs = hostNowMs()
  const answers = [0, 1, 2, 3].map(n => ({
    receivedAtMs: startMs + n * (100 + gapMs),
    task: `task-${n}`,
    worker: 'worker-fast',
    tookMs: 100,
  }))
  return { take: () => answers.splice(0) as TappedAnswer[] }
}

class AskersOfFour extends Askers {
  readonly #recorder: Recorder

  constructor(recorder: Recorder) {
    super([], new AbortController().signal)
    this.#recorder = recorder
  }

  override async askEach(prompts: readonly string[]) {
    for (const n of prompts.keys()) {
      const sent = { user: 'user-0', device: 'user-0.1', clientMessageId: `${n}` }
      this.#recorder.record({ kind: 'send', ...sent, to: 'robot' })
      this.#recorder.record({ kind: 'stored', ...sent, conversation: 'c', seq: n + 1, task: `task-${n}` })
    }
    return []
  }

  override answers() {
    return this.#recorder.events.filter(event => event.kind === 'stored').length
  }
}

test('the warm-up before a real model server tells the gap between its answers', async () => {
  const { arm, recorder } = armIn(new OneWorker(), undefined, answersAfter(10))
  const warmUp = arm.warmUp(new AskersOfFour(recorder), 4, { rounds: 1 })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await warmUp).toBeCloseTo(10, 6)
})
