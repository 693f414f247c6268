import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Addresses } from '../part-env.ts'
import type { LabPlan, Part } from '../plan.ts'
import { pause } from '../until.ts'
import type { ProcessId } from './proc.mjs'
import { type Launch, launch, MARK_VARIABLE, PART_VARIABLE } from './processes.ts'

/** Compiled code stays with the packages between starts. */
export const COMPILE_CACHE = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'prefetch-lab')

/** A kind of part as local processes: `rabbitmq.ts`, `postgres.ts`, `service.ts`. */
export interface PartProcess {
  /** Ports that it listens on; the first is its main one. */
  ports: readonly string[]
  /** Further ones that a plan asks for. */
  morePorts?(plan: LabPlan): readonly string[]
  /** Starts it. Main process first. Whatever it starts carries the lab's mark. */
  launch(context: PartContext): Promise<ProcessId[]>
  /** What is missing until it can be used; empty when it is ready. */
  missing(context: PartContext, signal: AbortSignal): Promise<string[]>
  /** Once per start, when nothing is missing any more and before others may use it. */
  prepare?(context: PartContext): Promise<void>
  /** How it is asked to finish. */
  stopSignal: NodeJS.Signals
  urls(ports: Record<string, number>, space: string, passwords: Record<string, string>): Record<string, string>
}

export interface PartContext {
  part: Part
  plan: LabPlan
  folder: string
  mark: string
  ports: Record<string, number>
  passwords: Record<string, string>
  /** Virtual host and database in use, and all that there are. */
  space: string
  spaces: string[]
  addresses: Addresses
  /** The broker's nodes and their ports, the first one first. */
  brokers: Record<string, Record<string, number>>
  /** What it ran as before, for a part of several processes. */
  processes: ProcessId[]
}

export const logFile = (folder: string, part: string) => join(folder, 'logs', `${part}.log`)

/** Starts a marked process with nothing of the caller's environment but the path. */
export function launchMarked(context: PartContext, { command, args, env, ...rest }: Omit<Launch, 'cwd' | 'logFile'>): Promise<ProcessId> {
  return launch({
    command,
    args,
    env: {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: join(context.folder, 'home'),
      TMPDIR: join(context.folder, 'tmp'),
      ...env,
      [MARK_VARIABLE]: context.mark,
      [PART_VARIABLE]: context.part.name,
    },
    cwd: context.folder,
    logFile: logFile(context.folder, context.part.name),
    ...rest,
  })
}

/** The last lines of a part's log; empty when there is none yet. */
export async function tail(folder: string, part: string, lines: number): Promise<string> {
  const text = await readFile(logFile(folder, part), 'utf8').catch(() => '')
  // RabbitMQ colours its log, wherever that goes; these lines stand in error messages.
  return stripVTControlCharacters(text).trimEnd().split('\n').slice(-lines).join('\n')
}

/** New log text as it comes, until the signal. */
export async function follow(folder: string, part: string, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
  const file = logFile(folder, part)
  let at = (await stat(file).catch(() => ({ size: 0 }))).size
  const buffer = Buffer.alloc(65_536)
  while (!signal.aborted) {
    await using handle = await open(file)
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    at += bytesRead
    if (bytesRead > 0) onText(buffer.toString('utf8', 0, bytesRead))
    else await pause(200, signal).catch(() => undefined)
  }
}
