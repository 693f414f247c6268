import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { SetupError } from '#contracts/setup-error'
import { processId } from '../../scenarios/lab/runtime/proc.mjs'
import { cpuMs, rssMiB } from '../../scenarios/lab/runtime/processes.ts'
import type { PeerArguments } from './servers/process.ts'

/** A process of the comparison: its own arguments, calls and answers, and what it has used. */

const STARTS_WITHIN_MS = 20_000
const ENDS_WITHIN_MS = 5_000
const LOG_MAX = 4_000

interface Said {
  port?: number
  link?: number
  phase?: string
  done?: unknown
  failed?: string
}

export class PeerProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #file: string
  readonly #ended: Promise<void>
  #log = ''
  #addresses: Pick<Said, 'port' | 'link'> = {}
  #onSaid: (said: Said) => void = () => undefined
  #onEnded: (error: Error) => void = () => undefined

  /** @param file below this folder */
  constructor(file: string, given: Partial<PeerArguments> = {}) {
    this.#file = file
    const child = fork(join(import.meta.dirname, file), [JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + String(chunk)).slice(-LOG_MAX)
      })
    child.on('message', said => {
      const { port, link } = said as Said
      this.#addresses = { ...this.#addresses, ...(port === undefined ? {} : { port }), ...(link === undefined ? {} : { link }) }
      this.#onSaid(said as Said)
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ended = promise
    child.once('error', error => this.#onEnded(error))
    child.once('exit', code => {
      this.#onEnded(this.#failure(`exit ${code}`))
      resolve()
    })
  }

  /** Starts it, until it says the address that is wanted. */
  async address(which: 'port' | 'link' = 'port'): Promise<number> {
    if (this.#addresses[which] === undefined)
      await this.#until(() => this.#addresses[which] !== undefined, AbortSignal.timeout(STARTS_WITHIN_MS))
    return this.#addresses[which] ?? 0
  }

  /** @param onPhase hears of what happens meanwhile */
  async call(message: object, onPhase: (phase: string) => void = () => undefined): Promise<unknown> {
    const answered = this.#until(said => {
      if (said.phase !== undefined) onPhase(said.phase)
      return said.done !== undefined || said.failed !== undefined
    })
    this.#child.send(message)
    const { done, failed } = await answered
    if (failed !== undefined) throw this.#failure(failed)
    return done
  }

  #until(wanted: (said: Said) => boolean, signal?: AbortSignal): Promise<Said> {
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null) reject(this.#failure('ended'))
      signal?.addEventListener('abort', () => reject(this.#failure('silent')), { once: true })
      this.#onEnded = reject
      this.#onSaid = said => {
        if (wanted(said)) resolve(said)
      }
    })
  }

  #failure(why: string): SetupError {
    return new SetupError('PEER_FAILED', `loadtest/peers/${this.#file} was needed and failed (${why}). Its last words:\n${this.#log}`)
  }

  get cpuMs(): number {
    return cpuMs([{ pid: this.#child.pid ?? 0 }])
  }

  get rssMiB(): number {
    return rssMiB([{ pid: this.#child.pid ?? 0 }])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const id = processId(this.#child.pid ?? 0)
    if (this.#child.connected) this.#child.disconnect()
    const late = setTimeout(() => {
      if (id !== undefined) this.#child.kill('SIGKILL')
    }, ENDS_WITHIN_MS)
    await this.#ended
    clearTimeout(late)
  }
}
