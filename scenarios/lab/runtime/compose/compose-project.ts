import { spawn } from 'node:child_process'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { LabError } from '../../errors.ts'
import type { LabRecords } from '../records.ts'
import { compose, docker } from './docker.ts'
import { composeDocument } from './document.ts'
import { COMPOSE_FOLDER, ensureImages, type LabImages } from './images.ts'
import { type ContainerState, clearForsaken, clearProject, containerOf, containers, projectOf, runningParts } from './project.ts'

const PORT_TRIES = 5
/** Longer than any part takes to drain. Seconds. */
const STOP_WITHIN_SECONDS = 30

/** One lab's containers; parts by name. */
export class ComposeProject {
  readonly #records: LabRecords
  readonly #name: string
  #writes = 0
  #images: Promise<LabImages> | undefined

  constructor(records: LabRecords) {
    this.#records = records
    this.#name = projectOf(records.folder)
  }

  container(part: string): string {
    return containerOf(this.#name, part)
  }

  states(): Promise<Map<string, ContainerState>> {
    return containers(this.#name)
  }

  /** Names of the parts whose containers run, paused ones included. */
  running(): Promise<Set<string>> {
    return runningParts(this.#name)
  }

  /** Creates and starts what is missing. @param onPortTaken moves the part, or throws */
  async start(parts: readonly string[], onPortTaken: (port: number) => Promise<void>, signal: AbortSignal): Promise<void> {
    if (parts.length === 0) return
    const { plan } = this.#records.state
    this.#images ??= ensureImages(plan.broker, text => console.error(text))
    const images = await this.#images
    const env = { RABBITMQ_IMAGE: images.broker, POSTGRES_IMAGE: images.database, SERVICES_IMAGE: images.services }
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted()
      const file = await this.#writeFile()
      const base = ['--project-name', this.#name, '--env-file', join(COMPOSE_FOLDER, 'images.env')]
      const files = ['--file', join(COMPOSE_FOLDER, 'compose.yaml'), '--file', file]
      try {
        await compose([...base, ...files, 'up', '--detach', '--no-deps', '--no-build', '--pull', 'never', ...parts], { env, signal })
        return
      } catch (error) {
        signal.throwIfAborted()
        const port = error instanceof Error ? portTaken(error.message) : undefined
        // Somebody took it between the look and the use.
        if (port === undefined || attempt === PORT_TRIES) throw error
        await onPortTaken(port)
      }
    }
  }

  async #writeFile(): Promise<string> {
    const { folder, state } = this.#records
    const { plan, passwords, secret, space, spaces } = state
    const ports = Object.fromEntries(Object.entries(state.parts).map(([part, record]) => [part, record.ports]))
    const file = join(folder, 'compose.yaml')
    const text = composeDocument({ folder, plan, ports, passwords, secret, space, spaces, base: join(COMPOSE_FOLDER, 'compose.yaml') })
    // Whole or not at all: another start may read it now.
    const next = `${file}.${this.#writes++}`
    await writeFile(next, text, { mode: 0o600 })
    await rename(next, file)
    return file
  }

  /** @returns what it prints. */
  rabbitmqctl(part: string, args: readonly string[]): Promise<string> {
    return docker(['exec', this.container(part), 'rabbitmqctl', ...args])
  }

  async stop(part: string): Promise<void> {
    await docker(['stop', '--time', String(STOP_WITHIN_SECONDS), this.container(part)])
  }

  async kill(part: string): Promise<void> {
    const container = this.container(part)
    if ((await this.states()).get(part)?.status === 'paused') await this.resume(part)
    await docker(['kill', container]).catch((error: unknown) => {
      if (!(error instanceof LabError && /is not running/.test(error.message))) throw error
    })
    await docker(['wait', container])
  }

  async pause(part: string): Promise<void> {
    await docker(['pause', this.container(part)])
  }

  async resume(part: string): Promise<void> {
    await docker(['unpause', this.container(part)])
  }

  /** Off its networks: traffic vanishes, connections do not hear. */
  async disconnect(part: string): Promise<void> {
    for (const network of await this.#networks(part)) await docker(['network', 'disconnect', network, this.container(part)])
  }

  async connect(part: string, networks: readonly string[]): Promise<void> {
    for (const network of networks) await docker(['network', 'connect', '--alias', part, `${this.#name}_${network}`, this.container(part)])
  }

  async #networks(part: string): Promise<string[]> {
    const text = await docker([
      'inspect',
      '--format',
      '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}',
      this.container(part),
    ])
    return text.split('\n').filter(name => name !== '')
  }

  /** Removes all of the project, and labs that nobody knows any more. */
  async clear(): Promise<void> {
    await clearForsaken()
    await clearProject(this.#name)
  }

  /** Ends and removes them at once. */
  async remove(parts: readonly string[]): Promise<void> {
    const there = await this.states()
    const found = parts.filter(part => there.has(part))
    if (found.length > 0) await docker(['rm', '--force', '--volumes', ...found.map(part => this.container(part))])
  }

  async logTail(part: string, lines: number): Promise<string> {
    const text = await docker(['logs', '--tail', String(lines), this.container(part)], { both: true }).catch(() => '')
    return stripVTControlCharacters(text).trimEnd()
  }

  async logFollow(part: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    const child = spawn('docker', ['logs', '--follow', '--tail', '0', this.container(part)], { stdio: ['ignore', 'pipe', 'pipe'] })
    const give = () => child.kill('SIGTERM')
    signal.addEventListener('abort', give, { once: true })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => onText(stripVTControlCharacters(chunk.toString())))
    await new Promise<void>((resolve, reject) => child.once('close', () => resolve()).once('error', reject))
    signal.removeEventListener('abort', give)
  }
}

/** The taken port in the engine's words (`Bind for 127.0.0.1:20011 failed`, `listen tcp4 …`). */
export function portTaken(said: string): number | undefined {
  const found = /127\.0\.0\.1:(\d+)(?:\/tcp)?(?: failed: port is already allocated|: (?:bind: )?address already in use)/.exec(said)
  return found?.[1] === undefined ? undefined : Number(found[1])
}
