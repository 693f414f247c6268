import type { ChatFrame } from '../../../scenarios/console/frames.ts'
import { byId, made } from '../../canvas/dom.ts'
import type { Words } from '../words/types.ts'
import type { DoAct } from './controls.ts'
import type { World } from './world.ts'

/** The chat of two people. Whatever they and the robot write is text, never markup. */
export class ChatView {
  readonly #act: DoAct
  readonly #shown = new Map<string, string>()
  #built = ''

  constructor(act: DoAct) {
    this.#act = act
  }

  show({ known: { chat = [] } }: World, words: Words): void {
    const key = `${chat.map(({ who }) => who).join()} ${words.unlimited}`
    if (chat.length > 0 && key !== this.#built) this.#build(chat, words)
    if (chat.length > 0) this.#built = key
    for (const seat of chat) {
      const now = JSON.stringify([seat, words.unlimited])
      if (this.#shown.get(seat.who) === now) continue
      this.#shown.set(seat.who, now)
      this.#seat(seat, words)
    }
  }

  #build(chat: readonly ChatFrame[], words: Words): void {
    this.#shown.clear()
    const seats = chat.map(({ who }) => {
      const text = made('input', {
        type: 'text',
        id: `say-${who}`,
        maxlength: '2000',
        autocomplete: 'off',
        'aria-label': words.textOf(who),
      })
      const send = (to: 'other' | 'robot') => {
        if (text.value.trim() === '') return
        this.#act({ act: 'say', who, to, text: text.value })
        text.value = ''
      }
      const form = made(
        'form',
        {},
        text,
        made('button', { id: `send-${who}` }, words.fixed.send),
        made('button', { type: 'button', id: `ask-${who}` }, words.fixed.ask),
      )
      form.addEventListener('submit', event => {
        event.preventDefault()
        send('other')
      })
      form.lastElementChild?.addEventListener('click', () => send('robot'))
      const title = made('h2', {}, who, ' ', made('small', { id: `node-${who}` }))
      return made(
        'section',
        { class: 'seat', 'aria-label': who },
        title,
        made('div', { id: `lines-${who}`, role: 'log', tabindex: '0', 'aria-label': who }),
        form,
      )
    })
    byId('chat', HTMLElement).replaceChildren(...seats)
  }

  #seat({ who, node, online, lines, open }: ChatFrame, words: Words): void {
    byId(`node-${who}`, HTMLElement).textContent = online ? words.on(node) : words.fixed.offline
    const said = lines.map(({ sender, text }) => made('div', { class: sender === who ? 'own' : '' }, made('b', {}, sender), ` ${text}`))
    const waiting = open.map(({ task, text, ahead, workersOnline }) => {
      const button = made('button', { type: 'button' }, words.fixed.cancel)
      button.addEventListener('click', () => this.#act({ act: 'cancel', who, task }))
      return made('div', { class: 'open' }, text === '' ? words.waiting(ahead, workersOnline) : `${text} …`, ' ', button)
    })
    const list = byId(`lines-${who}`, HTMLElement)
    list.replaceChildren(...said, ...waiting)
    list.scrollTop = list.scrollHeight
  }
}
