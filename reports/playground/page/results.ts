import { byId, made, save } from '../../canvas/dom.ts'
import { duration } from '../../predict/text.ts'
import type { Answer } from '../answer.ts'
import { commandsOf } from '../commands.ts'
import { csvOf, figureRows, told } from '../figures.ts'
import { ARRIVALS_FILE, arrivalsCsv, tasksOf } from '../question.ts'
import type { State } from '../state.ts'

/** What stands below the picture: figures, verdicts, commands, exports. */

const NAME = 'prefetch-playground'
const text = (content: string) => new Blob([content], { type: 'text/csv' })

export function showResults(state: State, answer: Answer): void {
  const rows = figureRows(answer, state.sloMs).map(({ name, unit, a, b, ideal }) => {
    const isLess = (value: number, other: number) => value < other && told(value, unit) !== told(other, unit)
    return made(
      'tr',
      {},
      made('th', { scope: 'row' }, name),
      made('td', { class: isLess(a, b) ? 'num less' : 'num' }, told(a, unit)),
      made('td', { class: isLess(b, a) ? 'num less' : 'num' }, told(b, unit)),
      made('td', { class: 'num' }, told(ideal, unit)),
    )
  })
  byId('figures', HTMLTableSectionElement).replaceChildren(...rows)
  byId('verdicts', HTMLElement).replaceChildren(
    ...answer.sides.map(({ arm, verdict }) => made('p', {}, made('b', {}, arm.title), ` ${verdict.text}`)),
  )
  const asked =
    answer.offeredPercent === undefined
      ? ''
      : `; asked ${answer.offeredPercent.toFixed(0)} % of ${answer.capacityPerSecond.toPrecision(3)} a second`
  byId('load', HTMLElement).textContent =
    `${tasksOf(state)} questions of ${answer.sides[0].args.serviceMs.map(duration).join(' and ')} on average${asked}.`
  const commands = answer.sides.map((_, side) => commandsOf(state, side as 0 | 1))
  for (const [side, { predict, advise, labUp }] of commands.entries())
    byId(`commands-${'ab'[side]}`, HTMLElement).textContent = [predict, advise, labUp].join('\n')
  byId('arrivals-note', HTMLElement).hidden = arrivalsCsv(state) === undefined
}

/** Wires the buttons once. @param now state and answer as they are then */
export function wireExports(now: () => { state: State; answer: Answer }, canvas: HTMLCanvasElement, say: (words: string) => void): void {
  const onClick = (id: string, act: () => void) => byId(id, HTMLButtonElement).addEventListener('click', act)
  onClick('save-png', () => canvas.toBlob(blob => blob && save(`${NAME}.png`, blob)))
  onClick('save-csv', () => save(`${NAME}.csv`, text(csvOf(now().answer, now().state.sloMs))))
  onClick('save-arrivals', () => save(ARRIVALS_FILE, text(arrivalsCsv(now().state) ?? '')))
  onClick('copy-link', () => copied(location.href, 'the link', say))
  for (const side of ['a', 'b'])
    onClick(`copy-${side}`, () => copied(byId(`commands-${side}`, HTMLElement).textContent ?? '', 'the commands', say))
}

function copied(content: string, what: string, say: (words: string) => void): void {
  navigator.clipboard.writeText(content).then(
    () => say(`Copied ${what}.`),
    () => say(`This browser does not let a page copy: mark ${what} by hand.`),
  )
}
