import { duration } from '../../predict/text.ts'
import { type Html, html, n } from './html.ts'
import { heightOf, kindName } from './lanes-svg.ts'

/** What colours, heights and hatchings mean. Pure. */

const SIZE = 18

export function legend(borders: readonly number[]): Html {
  const classes = [...borders.map(border => `up to ${duration(border)}`), `longer`]
  return html`<div class="legend"><p>An inference, by how long its asker had waited:</p><ul>${classes.map((words, kind) => {
    const height = SIZE * heightOf(kind, borders)
    return item(html`<rect class="w${kindName(kind, borders)}" y="${n(SIZE - height)}" width="${SIZE}" height="${n(height)}"/>`, words)
  })}</ul><ul>
${item(html`<rect class="stranded" width="${SIZE}" height="${SIZE}"/>`, 'GPU idle though somebody waits')}
${item(html`<rect class="lost" width="${SIZE}" height="${SIZE}"/>`, 'failed or cut off')}
${item(html`<rect class="off" width="${SIZE}" height="${SIZE}"/>`, 'stopped by the script')}
${item(html`<path class="waiting" d="M0 18V8h6V4h6v4h6v10z"/><path class="waiting-edge" d="M0 8h6V4h6v4h6"/>`, 'people whose answer has not begun')}
${item(html`<path class="ready" d="M0 12h9V6h9"/>`, 'messages ready, as the broker counts')}
</ul></div>`
}

function item(drawn: Html, words: string): Html {
  return html`<li><svg width="${SIZE}" height="${SIZE}" aria-hidden="true">${drawn}</svg>${words}</li>
`
}
