import type { Frame } from '../../../scenarios/console/frames.ts'
import { byId, made } from '../../canvas/dom.ts'
import type { Words } from '../words/types.ts'
import type { World } from './world.ts'

/** The way of a message: each station lights up as messages pass it, and shows what it has. */

const LIT_MS = 600

export class Way {
  #built = ''

  /** @param flow steps that were taken since the last frame */
  pass(flow: NonNullable<Frame['flow']>): void {
    for (const step of Object.keys(flow))
      for (const station of document.querySelectorAll<HTMLElement>(`[data-steps~="${CSS.escape(step)}"]`)) {
        station.classList.add('lit')
        setTimeout(() => station.classList.remove('lit'), LIT_MS)
      }
  }

  show({ known: { lab, queues, workers = [] } }: World, words: Words): void {
    if (lab === undefined) return
    const key = JSON.stringify([lab.nodes, lab.workers, words.unlimited])
    if (key !== this.#built) this.#build(lab, words)
    this.#built = key
    byId('way-queue', HTMLElement).textContent = String(queues?.ready ?? '?')
    for (const { name, held } of workers) byId(`way-${name}`, HTMLElement).textContent = String(held ?? '?')
  }

  #build(lab: NonNullable<World['known']['lab']>, { fixed }: Words): void {
    const station = (steps: string[], text: string, ...more: HTMLElement[]) => made('li', { 'data-steps': steps.join(' ') }, text, ...more)
    const count = (id: string) => made('b', { id })
    const nodes = lab.nodes.map(node => station([`in:${node}`, `out:${node}`], node))
    const answers = lab.workers.map(({ name }) => `answer:${name}`)
    const exchanges = [station([...lab.nodes.map(node => `in:${node}`), ...answers], 'chat.fanout'), station(['queue'], 'bot.direct')]
    const queue = [station(['queue', ...lab.workers.map(({ gpu }) => `gpu:${gpu}`)], 'bot.tasks ', count('way-queue'))]
    const workers = lab.workers.map(({ name, gpu }) => station([`gpu:${gpu}`, `answer:${name}`], `${name} `, count(`way-${name}`)))
    const gpus = lab.workers.map(({ gpu }) => station([`gpu:${gpu}`], gpu))
    const column = (title: string, items: HTMLElement[]) =>
      made('div', {}, made('span', { class: 'head' }, title), made('ul', {}, ...items))
    byId('way', HTMLElement).replaceChildren(
      column(fixed.nodes, nodes),
      column(fixed.exchanges, exchanges),
      column(fixed.queue, queue),
      column(fixed.workers, workers),
      column(fixed.gpus, gpus),
    )
  }
}
