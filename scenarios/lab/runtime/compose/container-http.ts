import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Readiness } from '#contracts/http'
import type { PartRequest } from '../types.ts'

const PROBE_WITHIN_MS = 2_000

/** Runs in the container: a line of JSON in, a request to the part's own loopback, a line of JSON out. One process for as long as the container lives, because
 *  a `docker exec` for each look would cost the machine a twentieth of a second. */
const INSIDE = `
const base = 'http://127.0.0.1:' + (process.env.CONTROL_PORT ?? process.env.PORT)
const lines = require('node:readline').createInterface({ input: process.stdin })
lines.on('close', () => process.exit())
lines.on('line', async line => {
  const { id, path, method, body } = JSON.parse(line)
  let answer
  try {
    const response = await fetch(base + path, { method, body, headers: body === undefined ? {} : { 'content-type': 'application/json' } })
    answer = { status: response.status, body: await response.text() }
  } catch (error) {
    answer = { failed: String(error.cause ?? error) }
  }
  process.stdout.write(JSON.stringify({ id, ...answer }) + '\\n')
})`

interface Waiting {
  resolve(response: Response): void
  reject(error: Error): void
}

/** HTTP to a part that listens on its container's own loopback, where nobody can dial in. */
export class ContainerHttp {
  readonly #container: string
  readonly #waiting = new Map<number, Waiting>()
  #child: ChildProcessWithoutNullStreams | undefined
  #next = 0

  constructor(container: string) {
    this.#container = container
  }

  /** As `fetch`; the signal ends the waiting, not the request. */
  request(path: string, { method = 'GET', body, signal }: PartRequest): Promise<Response> {
    const id = this.#next++
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const give = () => reject(signal.reason)
    signal.addEventListener('abort', give, { once: true })
    this.#waiting.set(id, { resolve, reject })
    this.#open().stdin.write(`${JSON.stringify({ id, path, method, body })}\n`)
    return promise.finally(() => {
      signal.removeEventListener('abort', give)
      this.#waiting.delete(id)
    })
  }

  /** What the part says is missing. */
  async missing(signal: AbortSignal): Promise<string[]> {
    const response = await this.request('/readyz', { signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_WITHIN_MS)]) })
    return Readiness.parse(await response.json()).missing
  }

  close(): void {
    this.#child?.kill('SIGKILL')
    this.#lost(new Error('closed'))
  }

  #open(): ChildProcessWithoutNullStreams {
    if (this.#child !== undefined) return this.#child
    const child = spawn('docker', ['exec', '-i', this.#container, 'node', '-e', INSIDE])
    this.#child = child
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-500)
    })
    child.stdin.on('error', () => undefined) // Told by its end.
    createInterface({ input: child.stdout }).on('line', line => this.#answered(line))
    const over = () => {
      if (this.#child === child) this.#lost(new Error(said.trim() || `${this.#container} ended`))
    }
    child.once('error', over).once('close', over)
    return child
  }

  #answered(line: string): void {
    const { id, status, body, failed } = JSON.parse(line) as { id: number; status: number; body: string; failed?: string }
    const waiting = this.#waiting.get(id)
    if (failed === undefined) waiting?.resolve(new Response(body, { status }))
    else waiting?.reject(new Error(failed))
  }

  #lost(error: Error): void {
    this.#child = undefined
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}
