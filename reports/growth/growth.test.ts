import { expect, test } from 'vitest'
import type { GrowthDocument, GrowthSample } from '#evidence/growth-document'
import { renderedGrowth } from '../rendered.ts'
import { growthPieceText, growthText } from './text.ts'

const sample = (node: number, p50Ms: number | null): GrowthSample => ({
  ...{ repetition: 0, perSecond: 12_345, p50Ms, cpuUs: { node, broker: 3 }, generatorUs: 11, foreignPercent: 2 },
  ...{ rssMiB: { node: 300 }, lost: 0, duplicates: 0 },
})
const run: GrowthDocument = {
  ...{ schemaVersion: 1, kind: 'growth', verdict: 'pass', startedAt: '2026-11-28T10:00:00.000Z', tookMs: 60_000, seed: 1 },
  command: 'npm run load -- growth --seed 1',
  versions: { lab: '0.1.0', node: 'v24.0.0', broker: 'RabbitMQ 3.10.8', database: 'PostgreSQL 18.4' },
  commit: { id: 'abc1234', dirty: false },
  machine: { cpu: 'a CPU', cores: 2, memoryGiB: 8, system: 'Linux 6' },
  set: { design: 'sound' },
  plan: { repetitions: 3, warmUpMs: 1_000, forMs: 3_000, outstanding: 200, tasksPerSecond: 300 },
  series: [
    {
      axis: 'nodes',
      system: 'ours',
      points: [
        { size: 2, samples: [sample(20, 7)] },
        { size: 8, samples: [sample(43, 9)] },
      ],
      growth: { ratio: 2, interval: [1.9, 2.1], repetitions: 3 },
    },
    {
      axis: 'backlog',
      system: 'queue-quorum',
      points: [
        { size: 0, samples: [sample(90, null)] },
        { size: 100_000, samples: [] },
      ],
      growth: null,
    },
  ],
}

test('the text has each size with its cost and the growth, within 80 columns', () => {
  const text = growthText(run, 'reports/runs/x')
  expect(text).toMatch(/^PASS growth: CPU from the smallest to the largest size: ours, stored, IM nodes\n?/)
  expect(text).toMatch(/IM nodes +ours, stored +2 +12,345 +7\.00 +23\.0/)
  expect(text).toMatch(/2\.00 x/)
  expect(text).toMatch(/100,000 +- +- +- +too noisy/)
  expect(text.split('\n').filter(line => line.length > 80)).toEqual([])
  expect(growthPieceText('backlog', 'queue-quorum', 0, sample(90, null))).toBe(
    '0 tasks that wait #1 quorum queue: 12345/s, µs node 90 + broker 3.0',
  )
})

test('the page has a chart for each axis that was measured, and no style of its own', () => {
  const { 'report.html': page = '', 'report.md': markdown, 'junit.xml': junit } = renderedGrowth(run)
  expect(page.match(/<svg class="plot broad"/g)).toHaveLength(2)
  expect(page).not.toMatch(/ style=/)
  expect(page).toContain('ours, stored: 2.00 x (1.90-2.10)')
  expect(markdown).toContain('| 8 | 12,345 | 9.00 | 46.0 | node 43 + broker 3.0 | 2.00 x (1.90-2.10) |')
  expect(junit?.match(/<testcase /g)).toHaveLength(3)
  expect(junit?.match(/<error /g)).toHaveLength(1)
})
