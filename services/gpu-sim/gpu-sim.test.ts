import { expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { answerDirective } from '#contracts/gpu-timing'
import { Readiness } from '#contracts/http'
import { type Bench, bench, msBetween, text, until } from './test-bench.ts'

const NOT_KNOWN_YET = { settings: { gpuProfile: 'nope' } }

test('service time is the profile’s: in the log to the microsecond, on the wire within a few milliseconds', async () => {
  await using gpu = await bench({ settings: { timeScale: 5 } })
  const tookMs: number[] = []
  for (let i = 0; i < 10; i++) {
    const beganMs = performance.now()
    await gpu.chat(`t-${i}`, 'hi')
    tookMs.push(performance.now() - beganMs)
  }
  // The best of ten, so that a busy machine does not decide.
  expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(19.9)
  expect(Math.min(...tookMs)).toBeLessThan(30)
  for (const entry of await gpu.log()) expect(msBetween(entry.startedAtNs, entry.endedAtNs)).toBeCloseTo(20, 3)
})

test('an answer is streamed, and its figures and the log agree', async () => {
  await using gpu = await bench()
  const lines = await gpu.chat('t-1', 'hi')
  const [entry] = await gpu.log()
  expect(entry).toMatchObject({ task: 't-1', attempt: 0, worker: '', model: 'llama3.1:8b', outcome: 'done' })
  expect(lines.at(-1)).toMatchObject({ done: true, eval_count: entry?.answerTokens, eval_duration: 100_000_000 })
  expect(lines.length).toBeGreaterThan(2)
})

test('the time scale divides it', async () => {
  await using gpu = await bench({ settings: { timeScale: 20 } })
  await gpu.chat('t-1', 'hi')
  const [entry] = await gpu.log()
  expect(msBetween(entry?.startedAtNs, entry?.endedAtNs)).toBeCloseTo(5, 3)
})

test('one slot: first in, first out, without a gap between them', async () => {
  await using gpu = await bench({ settings: { timeScale: 2 } })
  const asked: Promise<unknown>[] = []
  for (const task of ['a', 'b', 'c', 'd']) {
    asked.push(gpu.chat(task, 'hi'))
    await until('it has arrived', async () => (await gpu.log()).some(entry => entry.task === task))
  }
  await Promise.all(asked)
  const log = await gpu.log()
  expect(log.map(({ task }) => task)).toEqual(['a', 'b', 'c', 'd'])
  for (const [i, { startedAtNs }] of log.entries()) {
    const before = log[i - 1]
    if (before !== undefined && BigInt(before.endedAtNs ?? 0) > BigInt(log[i]?.receivedAtNs ?? 0))
      expect(startedAtNs).toBe(before.endedAtNs)
  }
})

test('two slots share the batching curve', async () => {
  const profile = { ...gpuProfile('synthetic-fast'), slots: 2 }
  await using gpu = await bench({ profile, settings: { timeScale: 0.2 } })
  await Promise.all([gpu.chat('a', 'hi'), gpu.chat('b', 'hi')])
  const [a, b] = await gpu.log()
  const apartMs = msBetween(a?.startedAtNs, b?.startedAtNs)
  // 500 ms of work each: a head start, both at 0.9 until the first ends, the rest alone.
  expect(msBetween(a?.startedAtNs, a?.endedAtNs)).toBeCloseTo(apartMs + (500 - apartMs) / 0.9, 2)
  expect(msBetween(b?.startedAtNs, b?.endedAtNs)).toBeCloseTo((500 - apartMs) / 0.9 + apartMs, 2)
  const wide = (await (await gpu.control('/inferences?wide=true')).json()) as { inferences: { slotsInUse: number }[]; next: number }
  expect(wide.inferences.map(({ slotsInUse }) => slotsInUse)).toEqual([1, 2])
  expect(wide.next).toBe(1)
})

test('a hang-up frees the slot at once, and leaves the queue too', async () => {
  await using gpu = await bench({ settings: { timeScale: 0.01 } })
  const [running, queued] = [new AbortController(), new AbortController()]
  const body = { model: 'llama3.1:8b', prompt: 'hi' }
  // The caller's result does not matter here.
  const give = (task: string, signal: AbortSignal) => void gpu.post('/api/generate', body, task, signal).catch(() => undefined)
  const outcome = (task: string, wanted: string) =>
    until(`${task} is ${wanted}`, async () => (await gpu.log()).find(entry => entry.task === task && entry.outcome === wanted))
  give('running', running.signal)
  await outcome('running', 'running')
  give('queued', queued.signal)
  give('next', new AbortController().signal)
  await outcome('queued', 'waiting')
  await outcome('next', 'waiting')
  queued.abort()
  expect(await outcome('queued', 'aborted')).not.toHaveProperty('startedAtNs')
  running.abort()
  const { endedAtNs } = await outcome('running', 'aborted')
  expect((await outcome('next', 'running')).startedAtNs).toBe(endedAtNs)
})

test('a cold model costs one load, and the figures show it', async () => {
  const profile = { ...gpuProfile('synthetic-fast'), loadGiBPerSecond: 100 } // 5.8 GiB: 58 ms
  await using gpu = await bench({ profile, settings: { gpuColdLoad: true } })
  const load = (lines: Awaited<ReturnType<typeof gpu.chat>>) => (lines.at(-1)?.load_duration ?? 0) / 1e6
  expect(load(await gpu.chat('a', 'hi'))).toBeCloseTo(58, 3)
  expect(load(await gpu.chat('b', 'hi'))).toBe(0)
})

const ask = (gpu: Bench) => gpu.post('/api/chat', { model: 'llama3.1:8b', messages: [{ role: 'user', content: 'hi' }] })

test('too many wait for a model that is not loaded: 503', async () => {
  // A load longer than any wait.
  const profile = { ...gpuProfile('synthetic-fast'), loadGiBPerSecond: 0.001 }
  await using gpu = await bench({ profile, queueMax: 2, settings: { gpuColdLoad: true } })
  const refused: Response[] = []
  for (let i = 0; i < 6; i++)
    void ask(gpu).then(
      answer => refused.push(answer),
      () => undefined,
    )
  await until('three are refused', async () => refused.length === 3)
  expect(refused.map(({ status }) => status)).toEqual([503, 503, 503])
  expect(await refused[0]?.json()).toEqual({ error: expect.stringContaining('server busy') })
  expect((await gpu.log()).map(({ outcome }) => outcome).sort()).toEqual(['failed', 'failed', 'failed', 'running', 'waiting', 'waiting'])
})

test('a loaded model takes any number', async () => {
  await using gpu = await bench({ queueMax: 1, settings: { timeScale: 10 } })
  expect((await Promise.all(Array.from({ length: 6 }, () => ask(gpu)))).map(({ status }) => status)).toEqual(Array(6).fill(200))
})

test('two servers with one seed say the same, another seed something else', async () => {
  const settings = { gpuProfile: 'rtx-4090', timeScale: 100 }
  await using one = await bench({ settings })
  await using two = await bench({ settings })
  await using other = await bench({ settings: { ...settings, seed: 2 } })
  const [a, b, c] = await Promise.all([one, two, other].map(async gpu => text(await gpu.chat('t-1', 'Why?'))))
  expect(a).toBe(b)
  expect(c).not.toBe(a)
})

test('the directive sets the length, and no option at the top level does', async () => {
  await using gpu = await bench({ settings: { timeScale: 100 } })
  const lines = await gpu.chat('t-1', `hi ${answerDirective(90)}`, { num_predict: 3, max_tokens: 3 })
  expect(lines.at(-1)).toMatchObject({ eval_count: 90, done_reason: 'stop' })
})

test('a body of more than a MiB is refused', async () => {
  await using gpu = await bench()
  expect((await gpu.post('/api/chat', 'x'.repeat(1_100_000))).status).toBe(413)
})

test('the port of the lab tells what runs here', async () => {
  await using gpu = await bench({ settings: { seed: 5, timeScale: 4 } })
  expect(Readiness.parse(await (await gpu.control('/readyz')).json())).toEqual({ ready: true, missing: [] })
  expect(await (await gpu.control('/profile')).json()).toMatchObject({
    profile: { name: 'synthetic-fast' },
    seed: 5,
    timeScale: 4,
    coldLoad: false,
  })
  await gpu.chat('t-1', 'hi')
  const metrics = await (await gpu.control('/metrics')).text()
  expect(metrics).toMatch(/gpu_inferences_total\{outcome="done",part="gpu-test"\} 1/)
  expect((await gpu.control('/inferences?after=soon')).status).toBe(400)
})

test('an unknown profile is refused with the known names', async () => {
  await expect(bench(NOT_KNOWN_YET)).rejects.toMatchObject({
    code: 'BAD_SETTING',
    message: expect.stringContaining('synthetic-fast'),
  })
})
