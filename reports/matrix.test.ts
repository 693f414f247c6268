import { expect, test } from 'vitest'
import type { Cell, MatrixDocument } from '#evidence/matrix'
import { matrixMarkdown, matrixText, oldMatrixHtml, surpriseTexts } from './matrix.ts'

const cell = (verb: Cell['verb'], more: Partial<Cell> = {}): Cell => ({
  broker: 'RabbitMQ 4.3.6',
  generation: '4.3',
  queueType: 'quorum',
  verb,
  outcome: 'dead-lettered',
  redeliveries: 5,
  deadLettered: 1,
  perSecond: 20,
  expected: 'dead-lettered',
  kills: verb === 'killed' ? [{ worker: 'worker-fast', attempt: 1, gone: true }] : [],
  ...more,
})
const document: MatrixDocument = {
  schemaVersion: 1,
  startedAt: '2026-11-24T12:59:31.922Z',
  node: 'v24.0.0',
  labVersion: '0.1.0',
  commit: { id: 'abc1234', dirty: false },
  machine: { cpu: 'a CPU', cores: 2, memoryGiB: 8, system: 'Linux 6' },
  matrix: [cell('nack', { outcome: 'endless', expected: 'endless' }), cell('reject'), cell('killed')],
}

test('a row for each broker and queue, a column for each way back, what is documented below', () => {
  const page = oldMatrixHtml(document)
  expect(page).toContain('PASS</p>')
  expect(page).toMatch(/RabbitMQ 4\.3\.6<\/th><td>quorum<\/td><td>.*endless, 20 a second.*documented: endless/)
  expect(page).not.toContain('not run')
  const withoutKilled = document.matrix.slice(0, 2)
  expect(oldMatrixHtml({ ...document, matrix: withoutKilled })).toContain('not run')
  expect(page).not.toMatch(/<script|\sstyle=|https?:\/\//)
})

test('what is not as documented fails, in the page and in Markdown', () => {
  const other = { ...document, matrix: [cell('nack', { expected: 'endless' })] }
  expect(oldMatrixHtml(other)).toContain('FAIL</p>')
  expect(oldMatrixHtml(other)).toContain('class="fail">dead after 5 redeliveries')
  expect(matrixMarkdown(other.matrix)).toContain('Not as documented: RabbitMQ 4.3.6, quorum, nack')
})

test('an outcome that is not documented is a surprise, and so is a kill without its proof', () => {
  const killed = (more: Partial<Cell>) => surpriseTexts([cell('killed', more)])
  expect(killed({})).toEqual([])
  expect(killed({ outcome: 'endless' })).toEqual([
    'RabbitMQ 4.3.6, quorum, killed: endless after 5 redeliveries, documented: dead-lettered',
  ])
  expect(killed({ kills: [] })).toEqual([expect.stringContaining('no proof')])
  expect(killed({ kills: [{ worker: 'worker-fast', attempt: 1, gone: false }] })).toHaveLength(1)
})

test('as text: a row for each broker and queue type, and the verdict', () => {
  const endless = cell('nack', { outcome: 'endless', expected: 'endless', redeliveries: 100, perSecond: 812.5 })
  const text = matrixText([endless, cell('killed')])
  expect(text).toMatch(/RabbitMQ 4\.3\.6 +quorum +endless, 812\.5 a second +not run +dead after 5 redeliveries/)
  expect(text).toContain('As documented in every cell.')
})
