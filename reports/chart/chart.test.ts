import { lineY } from '@observablehq/plot'
import { expect, test } from 'vitest'
import { curveFigure } from './curve.ts'
import { key, plotted } from './plot.ts'

const line = plotted({ label: 'a < b & "c"', marks: [lineY([1, 2, 3], { className: 'line-a' })] }).markup

test('a chart stands for a phone and for a screen, told in one sentence, without a style of its own', () => {
  expect(
    line.match(/<svg class="plot (slim|broad)" role="img" aria-label="a &lt; b &amp; &quot;c&quot;" viewBox="0 0 (340|560) 220"/g),
  ).toHaveLength(2)
  expect(line).not.toMatch(/<style|style=|xmlns|https?:/)
  expect(line.match(/aria-label=/g)).toHaveLength(2)
  expect(line).toContain('class="line-a"')
})

test('coordinates are rounded, words are not', () => {
  const { markup } = plotted({ label: 'x', y: { ticks: [1.25], tickFormat: String }, marks: [lineY([1, 1.5, 2.3333])] })
  expect(markup).toContain('>1.25</text>')
  expect(markup).not.toMatch(/ d="[^"]*\.\d\d/)
})

test('the same input draws the same', () => {
  expect(plotted({ label: 'x', marks: [lineY([1, 2, 3])] }).markup).toBe(plotted({ label: 'x', marks: [lineY([1, 2, 3])] }).markup)
})

test('a curve: share by length, with its figures below', () => {
  const values = Array.from({ length: 1_000 }, (_, i) => i + 1)
  const { markup } = curveFigure('Waits', [
    { name: 'A', kind: 'line-a', values },
    { name: 'nobody', kind: 'line-b', values: [] },
  ])
  expect(markup).toContain('Waits. A: half up to 500 ms, 95 % up to 950 ms')
  expect(markup).toContain('<th scope="row">95 %</th><td class="num">950 ms</td>')
  expect(markup).toContain('<th scope="row">longest</th><td class="num">1.0 s</td>')
  expect(markup).not.toContain('nobody')
  expect(markup).not.toContain('NaN')
  expect(markup.length).toBeLessThan(9_000)
})

test('waits of nothing at all stand at the left edge', () => {
  const { markup } = curveFigure('Waits', [
    { name: 'ideal', kind: 'line-b', values: [0, 0, 0, 40] },
    { name: 'A', kind: 'line-a', values: [20, 30, 40, 50] },
  ])
  expect(markup).not.toMatch(/NaN|Infinity/)
})

test('a key names what each line stands for', () => {
  expect(key([{ kind: 'line-a', words: 'A & B' }]).markup).toContain('<g class="line-a"><path d="M1 6H21"/></g></svg>A &amp; B')
})
