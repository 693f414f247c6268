import { createHash } from 'node:crypto'
import { modelBillions, modelGiB } from '#contracts/gpu-timing'
import { fullModelName } from '#contracts/model-server'

/** The models of one simulated server, and which of them lie in the GPU's memory. No clock: instants are handed in, in milliseconds. */

/** Ollama's default for `keep_alive`. Milliseconds of real time: it is a timer of the server and no speed of the GPU, so no time scale touches it. */
export const KEEP_ALIVE_MS = 300_000

const ALSO_THERE = ['deepseek-r1:1.5b', 'deepseek-r1:7b', 'deepseek-r1:8b', 'deepseek-r1:14b', 'llama3.1:8b', 'qwen2.5:7b', 'qwen2.5:14b']

/** What the server has on disk: the lab's own model first. */
export function catalogue(model: string): string[] {
  return [...new Set([fullModelName(model), ...ALSO_THERE])]
}

/** Whether the model reasons before it answers, by its family. */
export function thinks(model: string): boolean {
  return /^(?:[^/]+\/)*(?:deepseek-r1|qwen3|gpt-oss|magistral|qwq)\b/i.test(model)
}

/** The model as `/api/tags`, `/api/ps` and `/api/show` describe it. */
export function described(model: string) {
  const family = /^[a-z]+/i.exec(model.split('/').at(-1) ?? '')?.[0] ?? 'llama'
  const digest = createHash('sha256').update(model).digest('hex')
  return {
    name: model,
    model,
    size: Math.round(modelGiB(model) * 2 ** 30),
    digest,
    details: {
      parent_model: '',
      format: 'gguf',
      family,
      families: [family],
      parameter_size: `${modelBillions(model)}B`,
      quantization_level: 'Q4_K_M',
    },
  }
}

interface Resident {
  readyAtMs: number
  users: number
  keepAliveMs: number
  /** Counts only while nobody uses it. */
  expiresAtMs: number
}

/** GPU memory. A model that does not fit beside those in use waits for them; idle ones give way, soonest to expire first. A model larger than
 *  the whole memory is taken alone (its layers beyond run on the CPU: `gpu-timing.ts` makes it slow). */
export class ModelMemory {
  readonly #residents = new Map<string, Resident>()
  readonly #memoryGiB: number
  readonly #loadMs: (model: string) => number

  constructor(memoryGiB: number, loadMs: (model: string) => number) {
    this.#memoryGiB = memoryGiB
    this.#loadMs = loadMs
  }

  /** Takes the model into use. @returns when it is loaded, or undefined while it must wait for room. */
  use(nowMs: number, model: string, keepAliveMs: number): number | undefined {
    this.#expire(nowMs)
    let resident = this.#residents.get(model)
    if (resident === undefined) {
      if (!this.#makeRoom(modelGiB(model))) return undefined
      resident = { readyAtMs: nowMs + this.#loadMs(model), users: 0, keepAliveMs, expiresAtMs: 0 }
      this.#residents.set(model, resident)
    }
    resident.users += 1
    resident.keepAliveMs = keepAliveMs
    return resident.readyAtMs
  }

  release(nowMs: number, model: string): void {
    const resident = this.#residents.get(model)
    if (resident === undefined) throw new Error(`${model} is released and was never used`)
    resident.users -= 1
    resident.expiresAtMs = nowMs + (resident.keepAliveMs < 0 ? Number.POSITIVE_INFINITY : resident.keepAliveMs)
    this.#expire(nowMs)
  }

  /** `keep_alive: 0` without a prompt: goes now, or with its last user. */
  unload(nowMs: number, model: string): void {
    const resident = this.#residents.get(model)
    if (resident === undefined) return
    resident.keepAliveMs = 0
    resident.expiresAtMs = nowMs
    this.#expire(nowMs)
  }

  /** Loaded already, or never to be waited for. */
  ready(nowMs: number, model: string): boolean {
    this.#expire(nowMs)
    const resident = this.#residents.get(model)
    return resident !== undefined && resident.readyAtMs <= nowMs
  }

  /** What `/api/ps` shows: name and the instant at which it goes, Infinity for never. */
  resident(nowMs: number): { model: string; expiresAtMs: number }[] {
    this.#expire(nowMs)
    return [...this.#residents].map(([model, { users, keepAliveMs, expiresAtMs }]) => ({
      model,
      expiresAtMs: users === 0 ? expiresAtMs : nowMs + (keepAliveMs < 0 ? Number.POSITIVE_INFINITY : keepAliveMs),
    }))
  }

  #expire(nowMs: number): void {
    for (const [model, { users, expiresAtMs }] of this.#residents) {
      if (users === 0 && expiresAtMs <= nowMs) this.#residents.delete(model)
    }
  }

  #makeRoom(neededGiB: number): boolean {
    const gib = (all: [string, Resident][]) => all.reduce((sum, [model]) => sum + modelGiB(model), 0)
    const inUse = [...this.#residents].filter(([, { users }]) => users > 0)
    if (inUse.length > 0 && gib(inUse) + neededGiB > this.#memoryGiB) return false
    const idle = [...this.#residents].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => b.expiresAtMs - a.expiresAtMs)
    while (idle.length > 0 && gib(inUse) + gib(idle) + neededGiB > this.#memoryGiB) {
      const [model] = idle.pop() ?? ['']
      this.#residents.delete(model)
    }
    return true
  }
}
