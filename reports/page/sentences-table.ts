import type { EventOf, HistoryEvent } from '#evidence/history'
import type { RunDocument } from '#evidence/run-document'
import { SENTENCES } from '#experiment'
import { seenText } from '../witness.ts'
import { folded, type Html, html, table } from './html.ts'
import { historyOf } from './picture.ts'

/** Each sentence that was tried: whether it holds, where, the evidence, and what to do. Pure. */

type Tried = EventOf<'tried'>
type Word = 'confirmed' | 'refuted' | 'depends on the version'

/** Arms of one run: one, or one for each generation of RabbitMQ. */
interface Tries {
  broker: string
  events: readonly Tried[]
}

export function sentencesTable({ arms }: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): Html {
  const tries = arms
    .filter(({ role }) => role === 'claim')
    .map(arm => ({
      broker: (arm.broker ?? arm.name).replace('RabbitMQ ', ''),
      events: historyOf(arm, histories).events.filter((event): event is Tried => event.kind === 'tried'),
    }))
  const ids = [...new Set(tries.flatMap(({ events }) => events.map(({ sentence }) => sentence)))]
  const words = ids.map(id => wordOf(id, tries))
  const count = (word: Word) => `${words.filter(other => other === word).length} ${word}`
  const rows = ids.map((id, i) => row(id, words[i]!, tries))
  const columns = ['sentence', 'verdict', 'seen', 'instead'].map(head => ({ head }))
  const brokers = [...new Set(tries.map(({ broker }) => broker))].join(', ')
  const caption = `On RabbitMQ ${brokers}: ${count('refuted')}, ${count('depends on the version')}, ${count('confirmed')}`
  const codes = ids.flatMap(id => {
    const known = SENTENCES.find(sentence => sentence.id === id)
    return known === undefined ? [] : folded(known.says, html`<pre id="code-${id}">${codeOf(known.believed)}</pre>`)
  })
  return html`<div class="stack">${table(caption, columns, rows)}</div>
${codes.length > 0 && html`<h3>The code that ran</h3>${codes}`}`
}

function row(id: string, word: Word, tries: readonly Tries[]) {
  const known = SENTENCES.find(sentence => sentence.id === id)
  const right = triedOf(id, 'right', tries)
  const holds = triedOf(id, 'believed', tries).filter(({ holds }) => holds)
  const where = word === 'depends on the version' && `holds on ${holds.map(({ broker }) => broker).join(', ') || 'none of these'}`
  return [
    html`<span id="${id.replaceAll(/\W+/g, '-')}">${known?.says ?? id}</span>${known && html` <a class="small" href="#code-${id}">code</a>`}`,
    html`${word}${where && html`<span class="what">${where}</span>`}`,
    seenBy(triedOf(id, 'believed', tries)),
    html`${known?.instead}${right.length > 0 && html`<span class="what">${seenBy(right)}</span>`}`,
  ]
}

function triedOf(id: string, way: Tried['way'], tries: readonly Tries[]): (Tried & { broker: string })[] {
  return tries.flatMap(({ broker, events }) => events.filter(e => e.sentence === id && e.way === way).map(e => ({ ...e, broker })))
}

/** Where one broker alone was tried, the documentation tells whether others differ. */
function wordOf(id: string, tries: readonly Tries[]): Word {
  const held = triedOf(id, 'believed', tries).map(({ holds }) => holds)
  const differs = held.includes(true) && held.includes(false)
  if (differs || SENTENCES.some(sentence => sentence.id === id && sentence.heldBy !== undefined)) return 'depends on the version'
  return held.includes(true) ? 'confirmed' : 'refuted'
}

/** What was seen; by broker only where that differs. */
function seenBy(tried: readonly (Tried & { broker: string })[]): Html {
  const byText = [...Map.groupBy(tried, seenText)]
  if (byText.length === 1) return html`${byText[0]![0]}`
  return html`${byText.map(([text, own]) => html`<span class="by"><b>${own.map(({ broker }) => broker).join(', ')}</b> ${text}</span>`)}`
}

/** What ran, as it stands in the source, without its frame. */
function codeOf(tryIt: (...args: never[]) => unknown): string {
  const lines = String(tryIt).split('\n').slice(1, -1)
  const indent = Math.min(...lines.filter(line => line.trim() !== '').map(line => line.search(/\S/)))
  // Where a type stood, Node leaves as many spaces.
  return lines.map(line => line.slice(indent).replace(/(?<=\S) {2,}(?=\S)/g, '')).join('\n')
}
