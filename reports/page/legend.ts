import { duration } from '../predict/text.ts'
import { type Html, html, n } from './html.ts'
import { heightOf, kindName } from './lanes-svg.ts'

/** What colours, heights and hatchings mean. Pure. */

const SIZE = 18

export function legend(borders: readonly number[]): Html {
  return html`<div class="legend"><p>An inference, by how long its asker had waited:</p>${classes(borders)}<ul>
${item(html`<rect class="stranded" width="${SIZE}" height="${SIZE}"/>`, 'GPU idle though somebody waits')}
${item(html`<rect class="lost" width="${SIZE}" height="${SIZE}"/>`, 'failed or cut off')}
${item(html`<rect class="off" width="${SIZE}" height="${SIZE}"/>`, 'stopped by the script')}
${item(html`<path class="waiting" d="M0 18V8h6V4h6v4h6v10"/>`, 'people whose answer has not begun')}
${item(html`<path class="ready" d="M0 12h9V6h9"/>`, 'messages ready, as the broker counts')}
</ul></div>`
}

export function deliveryLegend(): Html {
  return html`<div class="legend"><p>A message on a device, by how long after it was sent:</p><ul>
${item(html`<path class="came" d="M5 1v16M9 1v16M15 1v16"/>`, 'sent while the device was online')}
${item(html`<path class="came-later" d="M5 1v16M9 1v16M15 1v16"/>`, 'sent while it was away')}
${item(html`<text class="missing" x="9" y="14" text-anchor="middle">×</text>`, 'never shown there')}
</ul></div>`
}

export function measureLegend(): Html {
  return html`<div class="legend"><ul>
${item(html`<circle class="dot-in" cx="9" cy="9" r="5"/>`, 'measured')}
${item(html`<path class="ideal" d="M4 9l5-5 5 5-5 5z"/>`, 'ideal: the same prompts and GPUs, first-in first-out, no gap between inferences')}
${item(html`<rect class="band" y="3" width="${SIZE}" height="12" rx="2"/>`, 'band predicted before the run')}
${item(html`<rect class="limit" x="8" width="2.5" height="${SIZE}"/>`, 'limit of the claim')}
</ul></div>`
}

/** A filled square for each of several classes. */
export function swatches(items: readonly { fill: string; words: string }[]): Html {
  return html`<div class="legend"><ul>${items.map(({ fill, words }) => item(html`<rect width="${SIZE}" height="${SIZE}" fill="${fill}"/>`, words))}</ul></div>`
}

function classes(borders: readonly number[]): Html {
  const words = [...borders.map(border => `up to ${duration(border)}`), 'longer']
  return html`<ul>${words.map((word, kind) => {
    const height = SIZE * heightOf(kind, borders)
    return item(html`<rect class="w${kindName(kind, borders)}" y="${n(SIZE - height)}" width="${SIZE}" height="${n(height)}"/>`, word)
  })}</ul>`
}

function item(drawn: Html, words: string): Html {
  return html`<li><svg width="${SIZE}" height="${SIZE}" aria-hidden="true">${drawn}</svg>${words}</li>
`
}
