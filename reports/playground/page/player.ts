import { byId } from '../../canvas/dom.ts'

/** Play, pause, speed and place in time. The whole story takes a minute at speed 1. */

const WHOLE_MS = 60_000

export class Player {
  readonly #button = byId('play', HTMLButtonElement)
  readonly #speed = byId('speed', HTMLSelectElement)
  readonly #scrub = byId('scrub', HTMLInputElement)
  readonly #onTime: (share: number) => void
  #share = 0
  #isPlaying = false
  #previousMs: number | undefined

  /** @param onTime gets the share of the story that has passed */
  constructor(onTime: (share: number) => void) {
    this.#onTime = onTime
    this.#button.addEventListener('click', () => (this.#isPlaying ? this.pause() : this.play()))
    this.#scrub.addEventListener('input', () => {
      this.pause()
      this.show(Number(this.#scrub.value) / Number(this.#scrub.max))
    })
  }

  get share(): number {
    return this.#share
  }

  get isPlaying(): boolean {
    return this.#isPlaying
  }

  play(): void {
    if (this.#share >= 1) this.#share = 0
    this.#isPlaying = true
    this.#previousMs = undefined
    this.#button.textContent = 'Pause'
    requestAnimationFrame(atMs => this.#frame(atMs))
  }

  pause(): void {
    this.#isPlaying = false
    this.#button.textContent = 'Play'
  }

  show(share: number): void {
    this.#share = Math.min(1, Math.max(0, share))
    this.#scrub.value = String(Math.round(this.#share * Number(this.#scrub.max)))
    this.#onTime(this.#share)
  }

  #frame(atMs: number): void {
    if (!this.#isPlaying) return
    const passedMs = atMs - (this.#previousMs ?? atMs)
    this.#previousMs = atMs
    this.show(this.#share + (passedMs * Number(this.#speed.value)) / WHOLE_MS)
    if (this.#share >= 1) this.pause()
    else requestAnimationFrame(next => this.#frame(next))
  }
}
