import { expect, test } from 'vitest'
import { verdictText } from '../finding-words.ts'
import { loadFixture } from './fixture.ts'
import { loadMarkdown } from './markdown.ts'
import { loadHtml } from './page.ts'
import { loadText } from './text.ts'
import { cpuPerMessageUs, flatSettings, honestyOf, limitTexts, memoryTexts, spanText, unsteadyText } from './words.ts'

test('a limit in the unit of its measure', () => {
  const limit = { name: '', bound: 'at-most' as const, limit: 650, value: 3_286, verdict: 'fail' as const }
  expect(limitTexts({ ...limit, measure: 'ttftP95Ms' }, 1)).toEqual(['3.3 s', 'at most 650 ms'])
  expect(limitTexts({ ...limit, measure: 'latencyMs.p99' }, 50)[0]).toBe('3.3 s')
  expect(limitTexts({ ...limit, value: 99.5, measure: 'deliveredPercent' }, 1)[0]).toBe('99.5 %')
  expect(limitTexts({ ...limit, value: 0, measure: 'failed' }, 1)[0]).toBe('0')
})

test('a load test of an older lab keeps its own sentences', () => {
  const { load } = loadFixture({ generatorBound: true })
  const because = 'its busiest thread had 98 % of its time taken; up to 90 counts as free'
  const old = { ...load, why: { code: 'generator-bound', values: { because } }, generator: { ...load.generator, because } }
  expect(verdictText(old)).toBe(`the generator was the limit: ${because}`)
  expect(honestyOf(old)[0]?.why).toContain(because)
  expect(loadText(old, 'x')).toContain(because)
  expect(spanText({ about: 'intended send -> `stored`' })).toBe('intended send -> `stored`')
  expect(verdictText({ why: { code: 'answers-bad', values: { failures: 'login: 2 x status 503' } }, checks: [] })).toBe(
    'login: 2 x status 503',
  )
})

test('codes have words: where a latency runs, what the generator was, which answers were bad', () => {
  expect(spanText({ about: 'request-to-answer', route: 'GET /healthz' })).toMatch(/^GET \/healthz: from the request over HTTP/)
  const { load } = loadFixture({ generatorBound: true })
  expect(honestyOf(load)[0]?.why).toMatch(/^1 thread: its busiest thread was 98 % busy \(limit 90 %\)\. Its figures say nothing/)
  const late = { ...load.generator, because: 'late', lateP99Ms: 31 }
  expect(honestyOf({ ...load, generator: late })[0]?.why).toContain('p99 send delay was 31 ms (limit 20 ms)')
  const bad = { why: { code: 'answers-bad', values: { 'login: status 503': 3, 'ready: ECONNRESET': 1 } }, checks: [] }
  expect(verdictText(bad)).toBe('3 x login: status 503; 1 x ready: ECONNRESET')
  const broken = { name: 'seen-in-time', measure: 'latencyP99Ms', value: 400, bound: 'at-most', limit: 250 }
  expect(verdictText({ why: { code: 'limit-broken', values: broken }, checks: [] })).toBe(
    'seen in time: p99 latency 400 ms, at most 250 ms',
  )
})

test('a growing or falling latency is reported, from and to', () => {
  const { perSecond } = loadFixture().load
  const growing = perSecond.map((each, i) => ({ ...each, latencyMs: { p50: 5 + i, p99: 200, max: 300 } }))
  expect(unsteadyText({ perSecond: growing })).toMatch(
    /^the median latency grew from 7 ms in the first third to 2\d ms in the last; this rate/,
  )
  expect(unsteadyText({ perSecond: growing.toReversed() })).toMatch(/^the median latency fell from 2\d ms .*--warm-up$/)
})

test('settings within others, one by one', () => {
  const plan = { forMs: 30_000, traffic: [{ kind: 'bot', users: 100 }, { kind: 'chat' }], faults: [], tamper: { every: 200 } }
  expect(flatSettings(plan)).toEqual([
    ['forMs', '30000'],
    ['traffic 1: kind', 'bot'],
    ['traffic 1: users', '100'],
    ['traffic 2: kind', 'chat'],
    ['tamper: every', '200'],
  ])
})

test('CPU per delivered message; none without a message', () => {
  const { load } = loadFixture({ seconds: 2, perSecond: 50 })
  expect(cpuPerMessageUs(load, 200)).toBe(2_000)
  expect(cpuPerMessageUs({ perSecond: [] }, 200)).toBeUndefined()
})

test('honesty: others were loud; not all was judged', () => {
  const { load } = loadFixture({ duringPercent: 40 })
  const text = honestyOf({ ...load, judgedShare: 0.25 })
    .map(({ what, why }) => `${what} ${why}`)
    .join(' ')
  expect(text).toContain('The machine was too noisy.')
  expect(text).toContain('25 % of the conversations were judged.')
  expect(text).not.toContain('not steady')
  const growing = load.perSecond.map((each, i) => ({ ...each, latencyMs: { p50: 5 + 5 * i, p99: 200, max: 300 } }))
  expect(honestyOf({ ...load, perSecond: growing }).map(({ what }) => what)).toContain('It was not steady.')
  expect(honestyOf({ ...load, events: 0 }).map(({ what }) => what)).toContain('No single event was recorded.')
})

test('a part whose memory grew: slope and interval on page, terminal and Markdown', () => {
  const memory = Array.from({ length: 120 }, (_, i) => ({
    second: 5 * i,
    rssMiB: { 'im-a': 90 + i / 12 + (i % 5), rabbitmq: 130 + (i % 5) },
  }))
  const { load, histories } = loadFixture()
  const long = { ...load, memory }
  const texts = memoryTexts(long)
  expect(texts.get('im-a')).toMatch(/^grew, \+1\.0\d MiB a minute \(95 %: \+0\.\d\d to \+1\.\d\d\), 92 to 102 MiB$/)
  expect(texts.get('rabbitmq')).toMatch(/^flat, [+-]0\.\d\d MiB a minute/)
  expect(loadText(long, 'here')).toContain(`memory of im-a: ${texts.get('im-a')}`)
  expect(loadHtml(long, histories)).toContain('memory while it ran')
  expect(loadMarkdown(long)).toContain(texts.get('im-a'))
  expect(loadText(load, 'here')).not.toContain('memory of')
})
