import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { Readiness } from '#contracts/http'
import type { PartRequest } from '../types.ts'

const PROBE_WITHIN_MS = 2_000

/** In the container: JSON line in, loopback request, JSON line out. `docker exec` takes 50 ms. */
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

const Answer = z.union([
  z.strictObject({ id: z.int(), status: z.int().min(200).max(599), body: z.string() }),
  z.strictObject({ id: z.int(), failed: z.string() }),
])
type Answer = z.infer<typeof Answer>

/** What the program inside wrote; undefined of any other line. */
export function readAnswer(line: string): Answer | undefined {
  try {
    return Answer.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

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
    const hear = (text: string) => {
      said = (said + text).slice(-500)
    }
    child.stderr.on('data', (chunk: Buffer) => hear(chunk.toString()))
    child.stdin.on('error', () => undefined) // Told by its end.
    createInterface({ input: child.stdout }).on('line', line => {
      const answer = readAnswer(line)
      // A container that just ended: Docker's words come here.
      if (answer === undefined) hear(`${line}\n`)
      else this.#answered(answer)
    })
    const over = () => {
      if (this.#child === child) this.#lost(new Error(said.trim() || `${this.#container} ended`))
    }
    child.once('error', over).once('close', over)
    return child
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    if ('failed' in answer) waiting?.reject(new Error(answer.failed))
    else waiting?.resolve(new Response(answer.body, { status: answer.status }))
  }

  #lost(error: Error): void {
    this.#child = undefined
    for (const { reject } of this.#waiting.values()) reject(error)
  }
}
