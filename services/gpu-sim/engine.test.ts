import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GpuEngine, type GpuEvent, type Job, type Work } from './engine.ts'
import { ModelMemory } from './models.ts'

const BATCHING = [1, 1.8, 2.5]
const MODEL = 'llama3.1:8b'

function gpu(slots: number, loadMs = 0): GpuEngine {
  return new GpuEngine(slots, BATCHING, new ModelMemory(24, () => loadMs))
}

function work(decodeMs: number, more: Partial<Work> = {}): Work {
  return { model: MODEL, keepAliveMs: 1_000_000, contextTokens: 4_096, floorMs: 0, prefillMs: 0, decodeMs, tokens: 10, marks: [], ...more }
}

/** Submits each at its instant, lets all of it happen, looking only every `everyMs`. */
function play(engine: GpuEngine, arrivals: { atMs: number; work: Work }[], everyMs = 1_000_000): { jobs: Job[]; events: GpuEvent[] } {
  const jobs: Job[] = []
  const events: GpuEvent[] = []
  const advance = (toMs: number) => engine.advance(toMs, event => events.push(event))
  let nowMs = 0
  for (const arrival of arrivals) {
    for (; nowMs + everyMs < arrival.atMs; nowMs += everyMs) advance(nowMs)
    nowMs = arrival.atMs
    advance(nowMs)
    jobs.push(engine.submit(nowMs, arrival.work))
  }
  for (let left = 100_000; engine.nextAtMs() < Number.POSITIVE_INFINITY; nowMs += everyMs) {
    if (--left < 0) throw new Error('it never ends')
    advance(nowMs)
  }
  return { jobs, events }
}

test('one stream takes floor, prefill and decode, to the instant', () => {
  const { jobs } = play(gpu(1), [{ atMs: 5, work: work(100, { floorMs: 7, prefillMs: 3 }) }])
  expect(jobs[0]).toMatchObject({ startedAtMs: 5, decodingAtMs: 15, endedAtMs: 115, phase: 'ended', slotsInUse: 1 })
})

test.each([
  [1, 100],
  [2, (100 * 2) / 1.8],
  [3, (100 * 3) / 2.5],
  [4, (100 * 4) / 2.5],
])('%i equal streams at once end after %f ms: they share the batching curve', (streams, endMs) => {
  const { jobs } = play(
    gpu(8),
    Array.from({ length: streams }, () => ({ atMs: 0, work: work(100) })),
  )
  for (const job of jobs) expect(job.endedAtMs).toBeCloseTo(endMs, 9)
})

test('a prompt that is read takes its share of the GPU as an answer does', () => {
  const read = { floorMs: 4, prefillMs: 41 }
  const { jobs } = play(gpu(2), [
    { atMs: 0, work: work(100) },
    { atMs: 50, work: work(0, { ...read, tokens: 1 }) },
  ])
  // 50 alone; both at 0.9 while the second reads for 50; the first has 5 left.
  expect(jobs.map(({ endedAtMs }) => endedAtMs)).toEqual([expect.closeTo(105, 9), expect.closeTo(100, 9)])
})

test('a stream that joins slows the others from then on, one that leaves gives the speed back', () => {
  const { jobs } = play(gpu(2), [
    { atMs: 0, work: work(100) },
    { atMs: 50, work: work(45) },
  ])
  // 50 alone; both at 0.9: the second ends after 50, the first has 5 left.
  expect(jobs.map(({ endedAtMs }) => endedAtMs)).toEqual([expect.closeTo(105, 9), expect.closeTo(100, 9)])
})

test('beyond the slots they queue, first in first out, and the next starts at the instant at which the one before ended', () => {
  const { jobs } = play(
    gpu(1),
    [10, 20, 5, 1].map(decodeMs => ({ atMs: 0, work: work(decodeMs) })),
  )
  expect(jobs.map(({ startedAtMs }) => startedAtMs)).toEqual([0, 10, 30, 35])
  expect(jobs.map(({ endedAtMs }) => endedAtMs)).toEqual([10, 30, 35, 36])
})

test('a cold model is loaded once; who comes meanwhile waits for the same load', () => {
  const { jobs } = play(gpu(2, 1_000), [
    { atMs: 0, work: work(10) },
    { atMs: 400, work: work(10, { marks: [1] }) },
    { atMs: 5_000, work: work(10) },
  ])
  expect(jobs.map(({ loadedAtMs }) => loadedAtMs)).toEqual([1_000, 1_000, 5_000])
})

test('a hang-up by the one that began a load ends it: those waiting restart it', () => {
  for (const slots of [1, 2]) {
    const engine = gpu(slots, 1_000)
    const [first, second] = [engine.submit(0, work(10)), engine.submit(100, work(10))]
    engine.end(600, first)
    expect([slots, second.startedAtMs, second.loadedAtMs]).toEqual([slots, slots === 1 ? 600 : 100, 1_600])
    engine.advance(5_000, () => undefined)
    expect(second).toMatchObject({ phase: 'ended', endedAtMs: 1_610, loadWaitMs: 1_500 })
  }
})

test('a hang-up of one that only waits for a load restarts nothing', () => {
  const engine = gpu(2, 1_000)
  const [first, second] = [engine.submit(0, work(10)), engine.submit(100, work(10))]
  engine.end(600, second)
  engine.advance(5_000, () => undefined)
  expect(first).toMatchObject({ loadedAtMs: 1_000, endedAtMs: 1_010 })
})

test('a hang-up during the only load leaves nothing in memory', () => {
  const engine = gpu(1, 1_000)
  engine.end(999, engine.submit(0, work(10)))
  expect(engine.memory.resident(999)).toEqual([])
  const late = engine.submit(2_000, work(10))
  engine.end(3_001, late) // Loaded: it stays.
  expect(engine.memory.resident(3_001)).toMatchObject([{ model: MODEL, loaded: true }])
})

test('marks are reported at the instant of their token, the end always', () => {
  const { events } = play(gpu(1), [{ atMs: 0, work: work(100, { marks: [0, 1, 4] }) }])
  const told = events.flatMap(event => (event.kind === 'tokens' ? [[event.tokens, event.atMs]] : []))
  expect(told).toEqual([0, 1, 4, 10].map(tokens => [tokens, expect.closeTo(tokens * 10, 9)]))
})

test('a held job keeps its slot and slows no other; its end frees the slot at once', () => {
  const engine = gpu(2)
  const [silent, other] = [engine.submit(0, work(100, { marks: [5] })), engine.submit(0, work(90))]
  const queued = engine.submit(0, work(10))
  const listener = (event: GpuEvent) => {
    if (event.job === silent && event.kind === 'tokens') engine.hold(event.atMs, silent)
  }
  engine.advance(1_000, listener)
  expect(silent.phase).toBe('held')
  // The silent one's half of 100 at 0.9 takes 55.6; the other has 40 left, alone.
  expect(other.endedAtMs).toBeCloseTo(50 / 0.9 + 40, 9)
  expect(queued.phase).toBe('ended')
  const late = [engine.submit(1_000, work(10)), engine.submit(1_000, work(10))]
  expect(late.map(job => job.phase)).toEqual(['loading', 'waiting'])
  engine.end(1_003, silent)
  expect(late[1]?.startedAtMs).toBe(1_003)
})

const load = fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 60 }), decodeMs: fc.integer({ min: 0, max: 100 }) }), {
  minLength: 1,
  maxLength: 30,
})
function arrivals(given: { gapMs: number; decodeMs: number }[]) {
  let atMs = 0
  return given.map(({ gapMs, decodeMs }) => {
    atMs += gapMs
    return { atMs, work: work(decodeMs, { marks: [3], floorMs: decodeMs % 7 }) }
  })
}

test('any sequence: never more than the slots, started in order, no work lost or gained', () => {
  fc.assert(
    fc.property(load, fc.integer({ min: 1, max: 4 }), (given, slots) => {
      const { jobs } = play(gpu(slots), arrivals(given))
      const starts = jobs.map(job => job.startedAtMs ?? Number.NaN)
      expect(starts).toEqual([...starts].sort((a, b) => a - b))
      for (const job of jobs) {
        expect(job.phase).toBe('ended')
        const running = jobs.filter(o => (o.startedAtMs ?? 0) <= (job.startedAtMs ?? 0) && (o.endedAtMs ?? 0) > (job.startedAtMs ?? 0))
        expect(running.length).toBeLessThanOrEqual(slots)
        const tookMs = (job.endedAtMs ?? 0) - (job.decodingAtMs ?? 0)
        // Between the speed for itself and the share of a full GPU.
        const slowest = slots / (BATCHING[Math.min(slots, BATCHING.length) - 1] ?? 1)
        expect(tookMs).toBeGreaterThanOrEqual(job.work.decodeMs - 1e-6)
        expect(tookMs).toBeLessThanOrEqual(job.work.decodeMs * slowest + 1e-6)
      }
    }),
  )
})

test('how late somebody looks changes nothing', () => {
  fc.assert(
    fc.property(load, fc.integer({ min: 1, max: 40 }), (given, everyMs) => {
      const ends = (every: number) => play(gpu(2), arrivals(given), every).jobs.map(job => job.endedAtMs ?? Number.NaN)
      const [rarely, often] = [ends(1_000_000), ends(everyMs)]
      for (const [i, end] of rarely.entries()) expect(often[i]).toBeCloseTo(end, 6)
    }),
  )
})
