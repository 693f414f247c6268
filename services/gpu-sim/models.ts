import { createHash } from 'node:crypto'
import { modelBillions, modelGiB } from '#contracts/gpu-timing'
import { modelProfile } from '#contracts/model-profiles'
import { fullModelName } from '#contracts/model-server'

/** The models of a simulated server, loaded or not. No clock: instants are handed in (ms). */

/** Ollama's default, a server's timer that no time scale touches. Milliseconds. */
export const KEEP_ALIVE_MS = 300_000

/** One cannot chat, as on real machines: the first listed need not be a chat model. */
const ALSO_THERE = [
  'nomic-embed-text:latest',
  'deepseek-r1:1.5b',
  'deepseek-r1:7b',
  'deepseek-r1:8b',
  'deepseek-r1:14b',
  'llama3.1:8b',
  'qwen2.5:7b',
  'qwen2.5:14b',
  'qwen3:8b',
  'gpt-oss:20b',
]

/** What the server has on disk: the lab's own model first. */
export function catalogue(model: string): string[] {
  return [...new Set([fullModelName(model), ...ALSO_THERE])]
}

/** The model as `/api/tags`, `/api/ps` and `/api/show` describe it. */
export function described(model: string) {
  const { family, embedding } = modelProfile(model)
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
      parameter_size: embedding ? '137M' : `${modelBillions(model)}B`,
      quantization_level: embedding ? 'F16' : 'Q4_K_M',
    },
  }
}

interface Resident {
  contextTokens: number
  readyAtMs: number
  users: number
  keepAliveMs: number
  /** Counts only while nobody uses it. */
  expiresAtMs: number
}

/** GPU memory. A model waits for those in use; idle ones give way, soonest to expire first. One
 *  larger than the memory is taken alone and slowed (`gpu-timing.ts`). */
export class ModelMemory {
  readonly #residents = new Map<string, Resident>()
  readonly #memoryGiB: number
  readonly #loadMs: (model: string) => number

  constructor(memoryGiB: number, loadMs: (model: string) => number) {
    this.#memoryGiB = memoryGiB
    this.#loadMs = loadMs
  }

  /** Uses the model. Another `num_ctx` reloads it once idle, as in Ollama, so two clients can make
   *  it reload forever. @returns when it is loaded, or undefined while it must wait. */
  use(nowMs: number, model: string, keepAliveMs: number, contextTokens: number): number | undefined {
    this.#expire(nowMs)
    let resident = this.#residents.get(model)
    if (resident !== undefined && resident.contextTokens !== contextTokens) {
      if (resident.users > 0) return undefined
      this.#residents.delete(model)
      resident = undefined
    }
    if (resident === undefined) {
      if (!this.#makeRoom(modelGiB(model))) return undefined
      resident = { contextTokens, readyAtMs: nowMs + this.#loadMs(model), users: 0, keepAliveMs, expiresAtMs: 0 }
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

  /** Breaks a load off: the next use begins it anew. */
  abort(model: string): void {
    this.#residents.delete(model)
  }

  /** Frees what nobody uses. */
  unloadIdle(): void {
    for (const [model, { users }] of this.#residents) if (users === 0) this.#residents.delete(model)
  }

  /** Loaded, or on its way. */
  holds(nowMs: number, model: string, contextTokens: number): boolean {
    this.#expire(nowMs)
    return this.#residents.get(model)?.contextTokens === contextTokens
  }

  /** Loaded already, with this context. */
  ready(nowMs: number, model: string, contextTokens: number): boolean {
    this.#expire(nowMs)
    const resident = this.#residents.get(model)
    return resident !== undefined && resident.contextTokens === contextTokens && resident.readyAtMs <= nowMs
  }

  /** What `/api/ps` shows: name and the instant at which it goes, Infinity for never. */
  resident(nowMs: number): { model: string; contextTokens: number; loaded: boolean; expiresAtMs: number }[] {
    this.#expire(nowMs)
    return [...this.#residents].map(([model, { contextTokens, users, keepAliveMs, expiresAtMs, readyAtMs }]) => ({
      model,
      contextTokens,
      loaded: readyAtMs <= nowMs,
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
