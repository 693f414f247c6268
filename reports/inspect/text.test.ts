import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inspected } from '../../scenarios/inspect/findings.ts'
import { loadSnapshot } from '../../scenarios/inspect/stored.ts'
import { columnsOf } from '../../services/terminal/text.ts'
import { inspectedDocument } from './document.ts'
import { linesFor, prefetchLines } from './fixes.ts'
import { inspectedText } from './text.ts'

const recorded = async (name: string) =>
  inspected(await loadSnapshot(join(import.meta.dirname, '..', '..', 'scenarios', 'inspect', 'recorded', `${name}.json`)))

test('the sentence that a dashboard lacks: who waits, how long, because of whom, what to set', async () => {
  const text = inspectedText(await recorded('planted-3.10'), { columns: 200 })
  expect(text).toMatch(/worker-slow holds 100 messages, about 13 min of hidden wait on hoarding; at worker-fast .* Set its prefetch to 1\./)
  expect(text).toMatch(/pernosco takes without limit from unlimited-prefetch/)
})

test.each(['planted-3.10', 'planted-4.0', 'planted-4.3', 'alarm-masked'])('%s fits 80 columns but for lines to copy', async name => {
  const found = await recorded(name)
  const toCopy =
    found.findings.length === 0
      ? []
      : inspectedText(found)
          .split('\n')
          .filter(line => /^ {4}\S/.test(line))
  expect(toCopy.length).toBeGreaterThan(0)
  const others = inspectedText(found)
    .split('\n')
    .filter(line => !toCopy.includes(line))
  expect(others.filter(line => columnsOf(line) > 80)).toEqual([])
  expect(inspectedText(found)).not.toMatch(/undefined|NaN|\[object/)
})

test('the JSON has data and words of each finding', async () => {
  const { findings } = inspectedDocument(await recorded('planted-4.3')) as { findings: Record<string, unknown>[] }
  expect(findings.length).toBeGreaterThan(15)
  for (const finding of findings)
    expect(Object.keys(finding)).toEqual(expect.arrayContaining(['code', 'evidence', 'says', 'means', 'fixes', 'see']))
})

test.each([
  ['amqplib Node.JS v24.21.0', ['amqplib']],
  ['RabbitMQ Java', ['Spring']],
  ['Pika Python Client Library Python 3.13', ['pika']],
  ['py-amqp', ['Celery']],
  ['RabbitMQ .NET', ['amqplib', 'Spring', 'Celery', 'pika']],
  [undefined, ['amqplib', 'Spring', 'Celery', 'pika']],
])('a consumer of %s gets the lines of %j', (product, clients) => {
  expect(linesFor(prefetchLines(1), product).map(([client]) => client)).toEqual(clients)
})
