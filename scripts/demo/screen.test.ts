import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { barLines, bigDigits } from '../../reports/demo/bars.ts'
import { LEAST_COLUMNS, leastLines } from '../../reports/demo/layout.ts'
import { panel } from '../../reports/demo/panel.ts'
import { screen } from '../../reports/demo/screen.ts'
import { inkOf, plainInk } from '../../reports/demo/text.ts'
import { demoHour } from '../../scenarios/experiment/hour/hour.ts'
import { armState } from '../../scenarios/experiment/hour/state.ts'
import { columnsOf } from '../../services/terminal/text.ts'
import { showUntil, type Terminal } from './terminal.ts'

const hourMs = 3_600_000
const hour = demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs })
const [large, one] = hour.arms
const scene = (nowMs: number) => ({
  arms: [
    { ...large, tag: 'predicted' },
    { ...one, tag: 'predicted' },
  ] as const,
  hourMs,
  nowMs,
  peak: 260,
  label: 'predicted',
  hint: 'q quits',
})

test('the screen fits any terminal, with and without colour, at any time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 220 }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 0, max: hourMs }),
      fc.constantFrom(1, 4, 8),
      (columns, rows, nowMs, depthBits) => {
        const lines = screen(scene(nowMs), columns, rows, inkOf(depthBits))
        expect(lines).toHaveLength(rows)
        expect(lines.filter(line => columnsOf(line) !== columns)).toEqual([])
      },
    ),
    { numRuns: 60 },
  )
})

test.each([
  [80, 24],
  [160, 50],
  [70, 13],
  [33, 23],
  [30, 8],
])('%i x %i: nothing that matters is cut', (columns, rows) => {
  const text = screen(scene(0.9 * hourMs), columns, rows, plainInk).join('\n')
  expect(text).not.toContain('…')
  expect(text).toMatch(/Fay (has been waiting|waited)/)
  expect(text).toMatch(columns === 30 ? /0 ready, \d{3} waiting/ : /holds \d{3}/)
})

test('a panel uses all of its lines', () => {
  fc.assert(
    fc.property(fc.integer({ min: LEAST_COLUMNS, max: 110 }), fc.integer({ min: leastLines, max: 70 }), (width, lines) => {
      const view = { arm: { ...large, tag: 'predicted' }, state: armState(large, hourMs), followed: [], hourMs, nowMs: hourMs, peak: 260 }
      expect(panel(view, width, lines, plainInk)).toHaveLength(lines)
    }),
    { numRuns: 30 },
  )
})

describe('bars and digits', () => {
  test('heights in eighths, anything above zero can be seen, colours of neighbours are shared', () => {
    const bars = [0, 0.01, 0.5, 1].map(share => ({ share, style: 'gone' as const }))
    expect(barLines(bars, 2, plainInk)).toEqual(['   █', ' ▁██'])
    expect(barLines(bars, 1, inkOf(4))).toEqual([' \x1b[31m▁▄█\x1b[0m'])
    expect(barLines([{ share: 0, style: 'stranded', sign: { text: '░', lines: 'all' } }], 2, plainInk)).toEqual(['░', '░'])
  })

  test('digits in two sizes', () => {
    expect(bigDigits('1:7', 'small')).toEqual(['▄█  ▄ ▀▀█', ' █  ▄   █', '▀▀▀     ▀'])
    expect(bigDigits('8', 'large')).toEqual(['██████', '██  ██', '██████', '██  ██', '██████'])
  })
})

describe('the terminal', () => {
  function terminal(): Terminal & { written: () => string; key(text: string): void; raw: ReturnType<typeof vi.fn>; resize(): void } {
    let written = ''
    const write = (text: string) => {
      written += text
      return true
    }
    const raw = vi.fn()
    const stdin = Object.assign(new EventEmitter(), { isTTY: true, setRawMode: raw, pause: vi.fn() })
    const stdout = Object.assign(new EventEmitter(), { columns: 60, rows: 20, write })
    const fake = { stdin, stdout } as unknown as Terminal
    return {
      ...fake,
      written: () => written.replaceAll('\x1b', 'ESC'),
      raw,
      key: text => stdin.emit('data', Buffer.from(text)),
      resize: () => stdout.emit('resize'),
    }
  }

  test.each([
    ['q', true],
    ['\x1b', true],
    ['\x03', true],
    ['\x1b[A', false],
    ['x', false],
  ])('key %j leaves: %s; afterwards the terminal is as before', async (key, leaves) => {
    const screen = terminal()
    const over = Promise.withResolvers<string>()
    const shown = showUntil({ framesPerSecond: 1, draw: () => ['picture'], onLeave: () => over.resolve('left') }, over.promise, screen)
    screen.key(key)
    over.resolve('played')
    expect(await shown).toBe(leaves ? 'left' : 'played')
    expect(screen.written()).toMatch(/^ESC\[\?1049h.*picture.*ESC\[\?25hESC\[\?1049l$/s)
    expect(screen.raw.mock.calls).toEqual([[true], [false]])
  })

  test('a new size is drawn at once, and an error leaves the terminal as before', async () => {
    const screen = terminal()
    const over = Promise.withResolvers<void>()
    const draw = (columns: number, rows: number) => [`${columns} x ${rows}`]
    const shown = showUntil({ framesPerSecond: 1, draw, onLeave: () => undefined }, over.promise, screen)
    Object.assign(screen.stdout, { columns: 100, rows: 30 })
    screen.resize()
    expect(screen.written()).toMatch(/60 x 20.*ESC\[2J.*100 x 30/s)
    over.reject(new Error('the lab fell'))
    await expect(shown).rejects.toThrow('the lab fell')
    expect(screen.written()).toMatch(/ESC\[\?1049l$/)
  })
})
