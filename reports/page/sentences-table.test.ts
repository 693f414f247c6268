import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import type { EventOf, HistoryEvent } from '#evidence/history'
import { SENTENCES } from '#experiment'
import { sentencesTable } from './sentences-table.ts'

const tried = (sentence: string, holds: boolean, times: number, way: 'believed' | 'right' = 'believed'): EventOf<'tried'> => ({
  kind: 'tried',
  atMs: 0,
  sentence,
  way,
  holds,
  expected: holds,
  seen: { times },
})
const { run } = modelRun({ prompts: 20 })
const [arm] = run.arms

/** The page of one arm a broker, without its markup. */
function textOf(byBroker: Record<string, HistoryEvent[]>): string {
  const arms = Object.keys(byBroker).map(name => ({ ...arm!, name, role: 'claim' as const, broker: `RabbitMQ ${name}` }))
  return sentencesTable({ ...run, arms }, new Map(Object.entries(byBroker)))
    .toString()
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
}

test('each sentence on three brokers: one verdict, and what was seen on each', () => {
  const on = (nackHolds: boolean) => [
    tried('limit-stops-nack', nackHolds, nackHolds ? 4 : 50),
    tried('limit-stops-nack', true, 4, 'right'),
    tried('nack-is-retry', false, 100),
    tried('made-up', true, 1),
  ]
  const text = textOf({ '3.10.8': on(true), '4.0.5': on(true), '4.3.6': on(false) })
  expect(text).toContain('On RabbitMQ 3.10.8, 4.0.5, 4.3.6: 1 refuted, 1 depends on the version, 1 confirmed')
  expect(text).toMatch(
    /nack loops\. code depends on the version holds on 3\.10\.8, 4\.0\.5 3\.10\.8, 4\.0\.5 times 4 4\.3\.6 times 50 Use reject/,
  )
  expect(text).toMatch(/retry policy\. code refuted times 100 Count/)
  expect(text).toMatch(/made-up confirmed times 1/)
})

test('one broker: what is documented to differ depends on the version, whatever this one does', () => {
  const alone = (holds: boolean) => textOf({ '4.3.6': [tried('limit-stops-nack', holds, 50)] })
  expect(alone(false)).toContain('depends on the version holds on none of these times 50')
  expect(alone(true)).toContain('depends on the version holds on 4.3.6 times 50')
})

test('every sentence has its code, with a link to it', () => {
  const page = sentencesTable(
    { ...run, arms: [{ ...arm!, name: 'a' }] },
    new Map([['a', SENTENCES.map(({ id }) => tried(id, false, 1))]]),
  ).toString()
  for (const { id } of SENTENCES) {
    expect(page).toContain(`href="#code-${id}"`)
    expect(page).toMatch(new RegExp(`<pre id="code-${id}">[^<]*await desk`))
  }
})
