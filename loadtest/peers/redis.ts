import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from '#contracts/setup-error'
import { freePort } from '../../scenarios/lab/runtime/ports.ts'
import { cpuMs, rssMiB } from '../../scenarios/lab/runtime/processes.ts'

/** A private Redis: own port, own folder, loopback only, and nothing of it on the disk. */

const READY_WITHIN_MS = 10_000
const LOOK_MS = 20
/** The kernel ends it with its parent, however that ends. */
const WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL']
/** What stands in reports: neither snapshots nor an append-only file. */
export const REDIS_PERSISTENCE = { save: '', appendonly: 'no' } as const

export class PrivateRedis implements AsyncDisposable {
  readonly url: string
  readonly version: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(child: ChildProcess, folder: string, port: number, version: string) {
    this.#child = child
    this.#folder = folder
    this.url = `redis://127.0.0.1:${port}`
    this.version = version
  }

  /** @param program path of `redis-server`. Throws REDIS_FAILED with its last words. */
  static async start(program: string): Promise<PrivateRedis> {
    const port = await freePort(new Set())
    const folder = await mkdtemp(join(tmpdir(), 'prefetch-lab-redis-'))
    const settings = { port: String(port), bind: '127.0.0.1', dir: folder, 'protected-mode': 'yes', daemonize: 'no', ...REDIS_PERSISTENCE }
    const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    const [first = '', ...rest] = WITH_PARENT
    const child = spawn(first, [...rest, program, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        log = (log + String(chunk)).slice(-2_000)
      })
    let ended = false
    child.once('error', error => {
      log += String(error)
      ended = true
    })
    child.once('close', () => {
      ended = true
    })
    const untilMs = performance.now() + READY_WITHIN_MS
    for (;;) {
      const version = await versionAt(port)
      if (version !== undefined) return new PrivateRedis(child, folder, port, version)
      if (ended || performance.now() > untilMs) {
        child.kill('SIGKILL')
        await rm(folder, { recursive: true, force: true })
        throw new SetupError('REDIS_FAILED', `${program} did not answer on port ${port}. Its last words:\n${log}`)
      }
      await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    }
  }

  get cpuMs(): number {
    return cpuMs([{ pid: this.#child.pid ?? 0 }])
  }

  get rssMiB(): number {
    return rssMiB([{ pid: this.#child.pid ?? 0 }])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = new Promise(resolve => this.#child.once('close', resolve))
      this.#child.kill('SIGTERM')
      await ended
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** By the command INFO. undefined: nothing answers yet. */
function versionAt(port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () => socket.write('INFO server\r\n'))
    socket.on('data', chunk => {
      text += String(chunk)
      const found = /redis_version:(\S+)/.exec(text)
      if (found === null) return
      socket.destroy()
      resolve(found[1])
    })
    socket.once('close', () => resolve(undefined))
  })
}
