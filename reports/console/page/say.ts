import { byId } from '../../canvas/dom.ts'
import { type FixedWord, LANGUAGES, type Language, type Words } from '../words/types.ts'
import { WORDS } from '../words/words.ts'

/** The language of the page, and what is announced to those who do not see it. */

const KEY = 'prefetch-lab-language'

export class Voice {
  language: Language
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
    const known = LANGUAGES.find(language => language === localStorage.getItem(KEY))
    this.language = known ?? (navigator.language.startsWith('zh') ? 'zh' : 'en')
    byId('language', HTMLButtonElement).addEventListener('click', () => {
      this.language = this.language === 'en' ? 'zh' : 'en'
      localStorage.setItem(KEY, this.language)
      this.#show()
      this.#onChange()
    })
    this.#show()
  }

  get words(): Words {
    return WORDS[this.language]
  }

  announce(text: string): void {
    byId('announce', HTMLElement).textContent = text
  }

  #show(): void {
    document.documentElement.lang = this.language === 'zh' ? 'zh-Hans' : 'en'
    for (const element of document.querySelectorAll<HTMLElement>('[data-word]'))
      element.textContent = this.words.fixed[element.dataset['word'] as FixedWord]
    const button = byId('language', HTMLButtonElement)
    button.textContent = this.language === 'en' ? '中文' : 'English'
    button.lang = this.language === 'en' ? 'zh' : 'en'
  }
}
