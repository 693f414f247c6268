import type { ContainerState } from './project.ts'

/** A look at running containers costs 0.1 s of CPU. Milliseconds. */
const LOOK_EVERY_MS = 500

/** The containers of a project as they were at most LOOK_EVERY_MS ago. */
export class Looks {
  readonly #look: () => Promise<Map<string, ContainerState>>
  #latest: Promise<Map<string, ContainerState>> | undefined
  #atMs = Number.NEGATIVE_INFINITY

  constructor(look: () => Promise<Map<string, ContainerState>>) {
    this.#look = look
  }

  latest(): Promise<Map<string, ContainerState>> {
    if (this.#latest === undefined || performance.now() - this.#atMs > LOOK_EVERY_MS) {
      this.#atMs = performance.now()
      this.#latest = this.#look()
    }
    return this.#latest
  }
}
