import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import type { HistoryEvent } from '#evidence/history'
import { routesPicture, wrapped } from './routes-picture.ts'

test.each<[words: string, fits: number, lines: string[]]>([
  ['paid in Europe', 14, ['paid in Europe']],
  ['paid in Europe', 10, ['paid in', 'Europe']],
  ['late [order.shipped.late.eu]', 18, ['late [order.', 'shipped.late.eu]']],
  ['tasks.worker-1', 9, ['tasks.', 'worker-1']],
  ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
  ['', 4, []],
])('%s in lines of %i', (words, fits, lines) => expect(wrapped(words, fits)).toEqual(lines))

test('no line is longer than its column has room for, on a phone and on a desk, and nothing is left out', () => {
  const key = 'order.shipped.much.too.late.for.anybody.eu'
  const events: HistoryEvent[] = [
    { kind: 'declared', atMs: 0, what: 'exchange', name: 'orders-of-a-large-company', type: 'topic' },
    { kind: 'declared', atMs: 0, what: 'queue', name: 'queue-of-the-warehouse' },
    { kind: 'bound', atMs: 0, exchange: 'orders-of-a-large-company', queue: 'queue-of-the-warehouse', key: 'order.#.eu' },
    ...['everything is late', 'and again'].map(
      (message): HistoryEvent => ({
        ...{ kind: 'published', atMs: 1, message, exchange: 'orders-of-a-large-company', key, meantFor: ['the-warehouse'], each: 'every' },
      }),
    ),
    { kind: 'received', atMs: 2, message: 'everything is late', queue: 'queue-of-the-warehouse', consumer: 'the-warehouse' },
  ]
  const { run } = modelRun()
  const arms = run.arms.slice(0, 1)
  const { markup } = routesPicture({ ...run, arms }, new Map([[arms[0]!.name, events]]))
  const pictures = [...markup.matchAll(/<div class="(wide|narrow)">(.*?)<\/svg>/gs)].map(([, kind, svg = '']) => ({ kind, svg }))
  expect(pictures.map(({ kind }) => kind)).toEqual(['wide', 'narrow'])
  for (const { kind, svg } of pictures) {
    const texts = [...svg.matchAll(/<text x="([\d.]+)%" y="[\d.]+"[^>]*>([^<]*)</g)].map(([, x, words = '']) => ({ x: Number(x), words }))
    const room = (x: number) => (kind === 'wide' ? (x < 45 ? 34 : x < 70 ? 14 : 16) : x < 45 ? 19 : x < 70 ? 10 : 11)
    for (const { x, words } of texts) expect(words.length).toBeLessThanOrEqual(room(x))
    const joined = texts.map(({ words }) => words).join('')
    expect(joined.split(key)).toHaveLength(3)
    for (const name of ['orders-of-a-large-company', 'queue-of-the-warehouse', '×']) expect(joined).toContain(name)
  }
})
