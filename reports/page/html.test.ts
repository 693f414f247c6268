import { expect, test } from 'vitest'
import { html, n, table } from './html.ts'

test('text is text, only html is markup; lists one after the other, nothing for undefined and false', () => {
  const inner = html`<b>${'a<b>&"\''}</b>`
  expect(String(html`<p title="${'"'}">${inner}${[1, '<']}${undefined}${false}</p>`)).toBe(
    '<p title="&quot;"><b>a&lt;b&gt;&amp;&quot;&#39;</b>1&lt;</p>',
  )
})

test('two digits are enough for a coordinate', () => expect([n(1 / 3), n(2), n(-0.001)]).toEqual(['0.33', '2', '0']))

test('a table has a caption, headings for its columns and rows, and can be scrolled by key', () => {
  const markup = String(table('Waits', [{ head: 'arm' }, { head: 'ms', figures: true }], [['A', 12]]))
  expect(markup).toContain('<caption>Waits</caption>')
  expect(markup).toContain('<th scope="col" class="num">ms</th>')
  expect(markup).toContain('<th scope="row">A</th><td class="num">12</td>')
  expect(markup).toContain('tabindex="0"')
})
