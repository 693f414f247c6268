import { expect, test } from 'vitest'
import type { Cell, MatrixDocument } from '#evidence/store/matrix-document'
import { matrixMarkdown } from './matrix.ts'
import { matrixHtml } from './matrix-page.ts'

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
  const page = matrixHtml(document)
  expect(page).toContain('PASS</p>')
  expect(page).toMatch(/RabbitMQ 4\.3\.6<\/th><td>quorum<\/td><td>.*endless, 20 a second.*documented: endless/)
  expect(page).not.toContain('not run')
  // Of `killed`.
  expect(matrixHtml({ ...document, matrix: document.matrix.slice(0, 2) })).toContain('not run')
  expect(page).not.toMatch(/<script|\sstyle=|https?:\/\//)
})

test('an undocumented outcome fails, in the page and in Markdown', () => {
  const other = { ...document, matrix: [cell('nack', { expected: 'endless' })] }
  expect(matrixHtml(other)).toContain('FAIL</p>')
  expect(matrixHtml(other)).toContain('class="fail">dead after 5 redeliveries')
  expect(matrixMarkdown(other.matrix)).toContain('Not as documented: RabbitMQ 4.3.6, quorum, nack')
})
