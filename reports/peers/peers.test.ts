import { expect, test } from 'vitest'
import type { PartJudged, PeerSample, PeersDocument } from '#evidence/peers-document'
import { renderedPeers } from '../rendered.ts'
import { peersText } from './text.ts'

const SAMPLE: PeerSample = {
  ...{ repetition: 0, perSecond: 52_345, p50Ms: 18, p99Ms: 40, cpuUs: { node: 14, broker: 3, database: 9 }, generatorUs: 12 },
  ...{ foreignPercent: 2, rssMiB: { node: 300, broker: 130 }, sent: 9, stored: 9, lost: 0, duplicates: 0, reordered: 0, lateP99Ms: 0 },
}
const part = (more: Partial<PartJudged>): PartJudged => ({
  ...{ id: '1-1000', load: 'closed-1000', measure: 'throughput', system: 'ours', peer: 'socket.io-sharded' },
  ...{ ours: 52_345, theirs: 38_000, ratio: 1.38, interval: [1.31, 1.44], repetitions: 5, bound: 'at-least', target: 1.5 },
  ...{ gate: true, met: false, ...more },
})
const run: PeersDocument = {
  ...{ schemaVersion: 1, kind: 'peers', verdict: 'fail', startedAt: '2026-11-24T10:00:00.000Z', tookMs: 60_000, seed: 1 },
  command: 'npm run load -- peers --only 1,3 --seed 1',
  versions: { lab: '0.1.0', node: 'v24.0.0', broker: 'RabbitMQ 3.10.8', database: 'PostgreSQL 18.4', redis: 'Redis 7.0.15' },
  commit: { id: 'abc1234', dirty: false },
  machine: { cpu: 'a CPU', cores: 2, memoryGiB: 8, system: 'Linux 6' },
  set: { design: 'sound' },
  redisPersistence: { save: '', appendonly: 'no' },
  plan: { users: 200, bodyBytes: 200, repetitions: 5, repetitionsUngated: 2, warmUpMs: 1_000, forMs: 3_000, rows: 2_000_000 },
  targets: [
    {
      ...part({}),
      id: 1,
      what: 'chat-against-socket.io',
      parts: [part({}), part({ id: '1-rows', load: 'rows-1000', ratio: 1.4, met: true })],
    },
    { ...part({}), id: 3, what: 'chat-against-direct', gate: false, parts: [part({ id: '3-1000', peer: 'direct', gate: false })] },
    {
      ...part({}),
      id: 2,
      what: 'chat-against-plain',
      met: null,
      parts: [part({ id: '2-1000', peer: 'plain', met: null, why: 'too-few-repetitions' })],
    },
  ],
  systems: [
    {
      system: 'ours',
      load: 'closed-1000',
      semantics: { stored: true, sequenced: true, acknowledged: true, authorised: true, resumes: true },
      samples: [SAMPLE, { ...SAMPLE, perSecond: 50_000 }],
    },
    {
      system: 'direct',
      load: 'closed-1000',
      semantics: { stored: false, sequenced: false, acknowledged: false, authorised: false, resumes: false },
      samples: [],
    },
  ],
}

test('the text names ratio, interval, target and outcome, and what is not decided, within 80 columns', () => {
  const text = peersText(run, 'reports/runs/x')
  expect(text.split('\n')[0]).toBe('FAIL peers: 0 of 2 targets with a gate met; missed: 1; not decided: 2')
  expect(text).toMatch(/1\.38 x/)
  expect(text).toMatch(/\(1\.31-1\.44\)/)
  expect(text).toMatch(/missed/)
  expect(text).toMatch(/all five/)
  expect(text).toMatch(/Nothing on the disk: save "", appendonly no/)
  const long = text.split('\n').filter(line => line.length > 80 && !/^ {2}(again|evidence):/.test(line))
  expect(long).toEqual([])
})

test('the page has a chart of the ratios and of each repetition, and no style of its own', () => {
  const { 'report.html': page = '', 'report.md': markdown, 'junit.xml': junit } = renderedPeers(run)
  expect(page.match(/<svg class="plot broad"/g)).toHaveLength(2)
  expect(page).not.toMatch(/ style=/)
  expect(page).toContain('ours, as asked for')
  expect(markdown).toContain('| 1.38 x (1.31-1.44) | ≥ 1.5 x | missed |')
  // Gates alone are cases: one is met, one missed, one not decided.
  expect(junit?.match(/<testcase /g)).toHaveLength(4)
  expect(junit?.match(/<failure /g)).toHaveLength(2)
  expect(junit?.match(/<error /g)).toHaveLength(1)
})
