import type { EventOf, HistoryEvent } from '#evidence/history'
import type { RunDocument } from '#evidence/run-document'
import { SENTENCES } from '#experiment'
import { seenText } from '../witness.ts'
import { folded, type Html, html, table } from './html.ts'
import { historyOf } from './picture.ts'

/** Each sentence that was tried: whether it holds, where, the evidence, and what to do. Pure. */

type Tried = EventOf<'tried'>

export function sentencesTable({ arms }: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): Html {
  const tried = arms
    .filter(({ role }) => role === 'claim')
    .map(arm => ({
      name: arm.name,
      events: historyOf(arm, histories).events.filter((event): event is Tried => event.kind === 'tried'),
    }))
  const ids = [...new Set(tried.flatMap(({ events }) => events.map(({ sentence }) => sentence)))]
  const columns = [
    { head: 'sentence' },
    ...tried.map(({ name }) => ({ head: tried.length === 1 ? 'holds' : name })),
    { head: 'seen' },
    { head: 'instead' },
  ]
  const rows = ids.map(id => {
    const known = SENTENCES.find(sentence => sentence.id === id)
    const own = tried.map(({ events }) => events.find(event => event.sentence === id && event.way === 'believed'))
    const right = tried[0]?.events.find(event => event.sentence === id && event.way === 'right')
    const code = known && folded('Code', html`<pre>${codeOf(known.believed)}</pre>`)
    return [
      html`${known?.says ?? id}${code}`,
      ...own.map(event => (event === undefined ? 'not tried' : event.holds ? 'yes' : 'no')),
      own
        .flatMap(event => (event === undefined ? [] : [seenText(event)]))
        .filter((text, i, all) => all.indexOf(text) === i)
        .join(' / '),
      known === undefined ? '' : html`${known.instead}${right && html` <span class="small">(${seenText(right)})</span>`}`,
    ]
  })
  return table(verdictOf(tried.map(({ events }) => events)), columns, rows)
}

/** How many of them hold everywhere, somewhere, nowhere. */
function verdictOf(arms: readonly (readonly Tried[])[]): string {
  const bySentence = Map.groupBy(
    arms.flat().filter(({ way }) => way === 'believed'),
    ({ sentence }) => sentence,
  )
  const counts = { confirmed: 0, depends: 0, refuted: 0 }
  for (const all of bySentence.values()) {
    const held = all.filter(({ holds }) => holds).length
    counts[held === 0 ? 'refuted' : held === all.length ? 'confirmed' : 'depends'] += 1
  }
  return `${counts.refuted} refuted, ${counts.depends} that depend on the version, ${counts.confirmed} confirmed`
}

/** What ran, as it stands in the source, without its frame. */
export function codeOf(tryIt: (...args: never[]) => unknown): string {
  const lines = String(tryIt).split('\n').slice(1, -1)
  const indent = Math.min(...lines.filter(line => line.trim() !== '').map(line => line.search(/\S/)))
  // Where a type stood, Node leaves as many spaces.
  return lines.map(line => line.slice(indent).replace(/(?<=\S) {2,}(?=\S)/g, '')).join('\n')
}
