import { describe, expect, test } from 'vitest'
import type { LoadDocument } from '#evidence/load-document'
import { loadFixture } from './fixture.ts'
import { loadJunit } from './junit.ts'
import { loadMarkdown } from './markdown.ts'
import { loadHtml } from './page.ts'

const { load, histories } = loadFixture()
const page = loadHtml(load, histories)
const failed = loadFixture({ limitP99Ms: 5 }).load

describe('the page', () => {
  test('no script, no address to load from, no inline style', () => {
    expect(page).not.toMatch(/<script|\son[a-z]+=|\sstyle=|javascript:|@import|https?:\/\/|url\((?!#)/i)
    expect(page.match(/<style/g)).toHaveLength(1)
    expect(page).not.toContain('NaN')
  })
  test('verdict and figures before everything else', () => {
    const head = page.slice(0, page.indexOf('<h2'))
    expect(head).toContain('PASS</p>')
    expect(head).toContain('50 offered a second, 50 delivered; 0 lost, 0 visible duplicates.')
    expect(head).toMatch(/p50 [\d.]+ ms, p99 [\d.]+ ms, longest [\d.]+ ms: from the intended send until the recipient sees it/)
  })
  test('its parts in their order, each reached by a link', () => {
    const headings = [...page.matchAll(/<h2 id="([a-z]+)"/g)].map(match => match[1])
    expect(headings).toEqual(['latency', 'seconds', 'thresholds', 'checks', 'honesty', 'parts', 'settings', 'limits', 'replay'])
    expect([...page.matchAll(/href="#([a-z]+)"/g)].map(match => match[1])).toEqual(headings)
  })
  test('three charts, each told in a sentence and with its figures', () => {
    const labels = [...page.matchAll(/<svg class="plot broad" role="img" aria-label="([^"]*)"/g)].map(match => match[1]!)
    expect(labels).toHaveLength(3)
    expect(labels[0]).toContain('Messages a second. offered: 50 to 50')
    expect(labels[1]).toMatch(/p99: [\d.]+ ms to [\d.]+ ms/)
    expect(labels[2]).toMatch(/half up to [\d.]+ ms, 95 % up to [\d.]+ ms/)
    expect(page.match(/<figure/g)!.length).toBe(page.match(/<summary>Figures/g)!.length)
  })
  test('measured beside allowed; what exceeds its limit is marked', () => {
    expect(loadHtml(failed, histories)).toMatch(/seen in time<\/th><td class="num">[\d.]+ ms<\/td><td class="num">at most 5 ms<\/td>.*fail/)
  })
  test('the generator was the limit: it says that its figures say nothing', () => {
    const bound = loadFixture({ generatorBound: true })
    expect(loadHtml(bound.load, bound.histories)).toContain('Its figures say nothing of the system.')
  })
  test('limits: the host, the broker, the bound of one run', () => {
    expect(page).toContain('Single host, 2 cores, generator co-located.')
    expect(page).toContain('RabbitMQ 3.10.8, task queue quorum')
    expect(page).toContain('1 − 0.05^(1/n)')
  })
  test('an engine that keeps no events has its seconds and says what was not judged', () => {
    const other: LoadDocument = { ...load, engine: 'autocannon', facts: null, checks: [], storedMs: null, thresholds: [], parts: [] }
    const bare = loadHtml(other, new Map())
    expect(bare).toContain('this engine records no single messages')
    expect(bare.match(/<svg class="plot broad"/g)).toHaveLength(2)
    expect(bare).not.toContain('id="parts"')
  })
  test('nothing came: a page all the same', () => {
    const none = load.perSecond.map(each => ({ ...each, delivered: 0, latencyMs: null }))
    expect(loadHtml({ ...load, perSecond: none }, new Map())).not.toContain('NaN')
  })
  test('a check that failed has its witnesses in words, before those that passed', () => {
    const shown = {
      kind: 'shown' as const,
      atMs: 1_234,
      user: 'v1',
      device: 'v1.1',
      conversation: 'c',
      seq: 7,
      sender: 'u1',
      to: 'v1',
      clientMessageId: 'm',
    }
    const order = {
      name: 'order',
      verdict: 'fail' as const,
      claim: 'In order.',
      breaches: [{ code: 'gap', values: { device: 'v1.1', seq: 7, after: 5 }, witnesses: [shown] }],
      found: 1,
      limits: [],
    }
    const told = loadHtml({ ...load, checks: [...load.checks, order] }, histories)
    expect(told).toContain('1.234 s  v1.1 showed c 7 from u1')
    expect(told.indexOf('order<span')).toBeLessThan(told.indexOf('lost<span'))
  })
})

test('Markdown says the same', () => {
  const text = loadMarkdown(failed)
  expect(text).toMatch(/^# FAIL load chat/)
  expect(text).toMatch(/\| seen in time \| [\d.]+ ms \| at most 5 ms \| fail \|/)
  expect(text).toContain(failed.command)
})

test('JUnit: a case for the run, each limit and each check; what is unknown is an error', () => {
  const xml = loadJunit(failed)
  expect(xml).toContain('tests="4" failures="2" errors="0"')
  expect(loadJunit(loadFixture({ generatorBound: true }).load)).toContain('failures="0" errors="3"')
  expect(xml).toContain('again: npm run load -- chat')
})
