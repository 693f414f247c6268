import { STORIES } from '../../../scenarios/console/story-names.ts'
import { byId, made } from '../../canvas/dom.ts'
import type { Words } from '../words/types.ts'
import type { DoAct } from './controls.ts'
import type { World } from './world.ts'

/** The guided stories: choose one, read where to look, click once. */
export class Stories {
  readonly #act: DoAct
  readonly #say: (text: string) => void
  #shown = ''

  /** @param say announces it to those who do not see it */
  constructor(act: DoAct, say: (text: string) => void) {
    this.#act = act
    this.#say = say
  }

  show({ known: { story = null } }: World, words: Words): void {
    const now = JSON.stringify([story, words.unlimited])
    if (now === this.#shown) return
    this.#shown = now
    const focused = document.activeElement?.id ?? ''
    const choices = STORIES.map(name => {
      const pressed = String(story?.name === name)
      const button = made('button', { type: 'button', id: `story-${name}`, 'aria-pressed': pressed }, words.stories[name].title)
      button.addEventListener('click', () => this.#act({ act: 'story', name: story?.name === name ? null : name }))
      return button
    })
    const box = byId('stories', HTMLElement)
    box.replaceChildren(made('div', { class: 'choices' }, ...choices))
    if (story !== null) {
      const { look, click, seen } = words.stories[story.name]
      const text = story.step === 'setting' ? words.fixed.setting : story.step === 'ready' ? look : seen
      const line = made('p', { id: 'story-text' }, text)
      if (story.step === 'ready') {
        const button = made('button', { type: 'button', id: 'story-click', class: 'do' }, click)
        button.addEventListener('click', () => this.#act({ act: 'click' }))
        line.append(' ', button)
      }
      box.append(line)
      this.#say(text)
    }
    document.getElementById(focused)?.focus()
  }
}
