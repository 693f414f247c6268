import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inspected } from '../../scenarios/inspect/findings.ts'
import { loadSnapshot } from '../../scenarios/inspect/stored.ts'
import { columnsOf } from '../../services/terminal/text.ts'
import { inkOf, plainInk } from '../demo/text.ts'
import { inspectedHtml } from './page.ts'
import { screen } from './screen.ts'

const file = join(import.meta.dirname, '..', '..', 'scenarios', 'inspect', 'recorded', 'planted-4.3.json')
const scene = async () => ({ seen: inspected(await loadSnapshot(file)), clock: '12:00:00', hint: 'q quits' })

test.each([
  [80, 24],
  [120, 60],
  [40, 10],
])('%i x %i: every line fills the terminal, with colours and without', async (columns, rows) => {
  for (const ink of [plainInk, inkOf(8)]) {
    const lines = screen(await scene(), columns, rows, ink)
    expect(lines).toHaveLength(rows)
    expect(lines.map(columnsOf).filter(width => width !== columns)).toEqual([])
  }
})

test('held messages are squares in the lane of their consumer, ready ones stand apart', async () => {
  const lines = screen(await scene(), 100, 60, plainInk)
  const lane = (name: string) => lines.find(line => line.startsWith(`  ${name}`)) ?? ''
  const squares = (line: string) => [...line].filter(character => character === '■').length
  expect(lane('worker-late')).toMatch(/▶■{20,}.*min$/)
  expect(squares(lane('worker-late'))).toBeGreaterThan(2 * squares(lane('worker-slow')))
  expect(lane('worker-overrun')).toMatch(/▶ +1$/)
  expect(lines.join('\n')).toMatch(/□/)
})

test('before the first look, and with trouble later', async () => {
  expect(screen({ seen: undefined, clock: '', hint: '' }, 80, 24, plainInk)[0]).toContain('first look')
  expect(screen({ ...(await scene()), trouble: 'NO_BROKER: gone' }, 80, 24, plainInk).join('\n')).toContain('NO_BROKER: gone')
})

test('the page has every finding, and markup in a name stays text', async () => {
  const { seen } = await scene()
  const [first] = seen.findings
  const html = inspectedHtml({ ...seen, findings: [{ ...first!, where: { ...first!.where, consumer: '<script>' } }, ...seen.findings] })
  for (const { code } of seen.findings) expect(html).toContain(code)
  expect(html).toContain('&lt;script&gt;')
  expect(html).not.toContain('<script')
})
