import { expect, test } from 'vitest'
import { loadFixture } from './fixture.ts'
import { loadMarkdown } from './markdown.ts'
import { loadHtml } from './page.ts'
import { loadText, noopText, resultOf, searchText } from './text.ts'
import { latencyText, machineShareText } from './words.ts'

test('the verdict is first; no loss in n has its bound; method and replay are below', () => {
  const { load } = loadFixture()
  const text = loadText(load, 'reports/runs/x')
  expect(text).toMatch(/^(PASS|FAIL|UNKNOWN) /)
  const one = loadText({ ...load, lost: 0, duplicates: 0, judgedShare: 1, latencyMs: { ...load.latencyMs, count: 30_000 } }, 'x')
  expect(one).toContain('(none in 30000: with 95 % confidence fewer than one in 10014)')
  expect(loadText({ ...load, lost: 1 }, 'x')).not.toContain('confidence')
  for (const part of ['generator:', 'others used', load.versions.broker, `again: ${load.command}`, 'evidence: reports/runs/x'])
    expect(text).toContain(part)
})

test('the document for machines has its folder, and no storing is an empty object', () => {
  const { load } = loadFixture()
  expect(resultOf({ ...load, storedMs: null }, 'x')).toMatchObject({ folder: 'x', storedMs: {}, latencyMs: { p50: load.latencyMs.p50 } })
})

test('a search names the rate and why others did not hold; the generator alone names its rate', () => {
  const steps = [
    { ratePerSecond: 500, held: true, why: '' },
    { ratePerSecond: 1_000, held: false, why: 'seen in time: latencyP99Ms is 400' },
  ]
  expect(searchText('chat', steps, 500)).toMatch(/^chat: 500\/s .*\n.*500\/s held\n.*1000\/s did not hold: seen in time/)
  expect(searchText('chat', [], undefined)).toBe('chat: no rate was seen to hold')
  const { latencyMs } = loadFixture().load
  expect(
    noopText(
      { outstanding: 10, users: 2, threads: 1 },
      { perSecond: 12_345.6, latencyMs, busiestPercent: 97, cpuMicrosecondsPerMessage: 12.34 },
    ),
  ).toMatch(/^12346 messages\/s.*12\.3 us of CPU a message/s)
  const { generator } = loadFixture().load
  expect(machineShareText(generator)).toBe('')
  expect(machineShareText({ ...generator, machinePercent: 4 })).toBe('; it used 4 % of the machine')
  expect(machineShareText({ ...generator, machinePercent: 31 })).toMatch(/31 % of the machine, so without it the ceiling is higher$/)
})

test('under a time scale what GPUs decide stands in GPU time first, then on the wall; the rest once', () => {
  const { load } = loadFixture()
  const first = { ...load.latencyMs, about: 'due-to-begun' as const, p50: 425, p95: 1_274, p99: 1_300, max: 1_400 }
  const limit = {
    name: 'begins-in-time',
    measure: 'ttftP95Ms',
    bound: 'at-most' as const,
    limit: 4_250,
    value: 1_274,
    verdict: 'pass' as const,
  }
  const scaled = { ...load, timeScale: 5, latencyMs: first, latencies: { ttft: first }, thresholds: [limit] }
  const text = loadText(scaled, 'x')
  expect(text).toMatch(/ttft, GPU time +p50\/p95\/p99\/max 2125\.?\d* \/ 6370/)
  expect(text).toMatch(/ttft, GPU time[^\n]*\n +ttft, on the wall +p50\/p95\/p99\/max 425/)
  expect(text).toMatch(/6\.4 s of GPU time \(1\.3 s on the wall\), at most 21\.3 s \(4\.3 s\)/)
  expect(text).toMatch(/^ +stored +p50/m)
  expect(latencyText(scaled)).toBe(
    'p50 2.1 s, p99 6.5 s, longest 7.0 s of GPU time (on the wall p50 425 ms, p99 1.3 s, longest 1.4 s): from the intended send until the asker sees the first piece of the answer.',
  )
  expect(loadText({ ...scaled, timeScale: 1 }, 'x')).not.toMatch(/GPU time|on the wall/)
})

test('prompts of a trace: how many, what was too long, the model beside them, and slots that never fill; on page and in Markdown too', () => {
  const { load, histories } = loadFixture()
  const model = {
    ...{ prompts: 189, gapMs: 6.5, loadWithGap: 0.75, idealWaitP95Ms: 140, measuredWaitP95Ms: 187 },
    ...{ predictedWaitP95Ms: 173, predictedLowMs: 140, predictedHighMs: 243 },
  }
  const trace = { file: 'own.csv', rows: 189, stretch: 0.979, tooLong: { how: 'skip' as const, rows: 4, promptTokensMax: 4_095 } }
  const workers = [
    { name: 'worker-1', prefetchTasks: 1, slots: 4 },
    { name: 'worker-2', prefetchTasks: 0, slots: 4 },
  ]
  const bot = { ...load, workload: 'bot', timeScale: 30, facts: { ...load.facts!, workers }, model, trace }
  const told = [
    '189 prompts of own.csv, its gaps x 0.979 before the time scale; 4 prompts longer than 4095 tokens (the chat’s limit, or a GPU’s context): left out',
    'p95 wait 5.2 s (4.2 s to 7.3 s), without it 4.2 s; measured 5.6 s: they agree within 8 %.',
    'worker-1 has 4 slots and prefetch 1, so 3 never fill. Fill them: --set worker-1:workerPrefetchTasks=4',
  ].map(line => line.replaceAll('’', "'"))
  for (const line of told) expect(loadText(bot, 'x')).toContain(line)
  expect(loadText(bot, 'x')).not.toContain('worker-2 has')
  const [, , unfilled = ''] = told
  expect(loadMarkdown(bot)).toContain(unfilled)
  expect(String(loadHtml(bot, histories))).toContain(unfilled)
  expect(loadText(load, 'x')).not.toMatch(/model, with the gap/)
})
