import { byId, made } from '../../canvas/dom.ts'
import type { Words } from '../words/types.ts'
import type { World } from './world.ts'

/** The lab book: the newest line is last, and in view. */
export class Book {
  #shown = ''

  show({ log }: World, words: Words): void {
    const key = `${log.at(0)?.n} ${log.at(-1)?.n} ${words.unlimited}`
    if (key === this.#shown) return
    this.#shown = key
    const list = byId('book', HTMLOListElement)
    const lines = log.map(({ at, code, values }) => {
      const time = made('time', { datetime: at }, new Date(at).toTimeString().slice(0, 8))
      return made('li', code === 'failed' ? { class: 'bad' } : {}, time, words.book(code, values))
    })
    list.replaceChildren(...lines)
    list.scrollTop = list.scrollHeight
  }
}
