import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { LabError } from '../errors.ts'
import type { LabPlan } from '../plan.ts'
import type { ProcessId } from './proc.mjs'
import { RUNTIMES, type RuntimeName } from './types.ts'

/** A lab's notes, from which any later command finds everything. */

export interface PartRecord {
  /** What is wanted: `paused` counts as running. */
  wanted: 'running' | 'stopped'
  /** Main process first. Empty while it is being spawned: then the mark finds it. */
  processes: ProcessId[]
  startedAt: string
  starts: number
  ports: Record<string, number>
}

/** One that was never started. */
export const NEW_PART: PartRecord = { wanted: 'running', processes: [], startedAt: '', starts: 0, ports: {} }

export interface LabState {
  schemaVersion: 1
  name: string
  mark: string
  runtime: RuntimeName
  phase: 'starting' | 'up'
  plan: LabPlan
  /** The virtual host and the database in use; they have one name. */
  space: string
  /** All that the broker is started with: a run has one for each of its arms. */
  spaces: string[]
  fixedPorts: boolean
  /** Set for a private lab: it ends with this process. */
  owner: ProcessId | undefined
  /** Services talk through the owner's links. Native only. */
  links?: boolean
  /** A private lab that somebody wants to look at: it stays until `lab:down`. */
  kept?: boolean
  secret: string
  /** What may exist on a broker of the user's, by the name of its virtual host or prefix: noted
   *  before it is made. */
  ownSpaces?: string[]
  /** By role. */
  passwords: Record<string, string>
  parts: Record<string, PartRecord>
}

/** The only space of a lab outside runs. */
export const FIRST_SPACE = 'lab'

/** Whose password a broker of the user's takes. */
export const OWN_BROKER = 'broker.own'

const LabStateFile = z.looseObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  mark: z.string().min(8),
  parts: z.record(z.string(), z.unknown()),
  runtime: z.enum(RUNTIMES).default('native'),
  space: z.string().default(FIRST_SPACE),
  spaces: z.array(z.string()).default([FIRST_SPACE]),
})

export const LAB_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/

/** `PREFETCH_LAB_HOME`, else below the temporary folder: short, open for Postgres' user. */
export function labHome(env: Record<string, string | undefined> = process.env): string {
  return resolve(env['PREFETCH_LAB_HOME'] || join(tmpdir(), `prefetch-lab-${process.getuid?.() ?? 0}`))
}

/** Not one that the user named, which is theirs. */
export function isOurHome(home: string): boolean {
  return home === labHome({})
}

export function labFolder(home: string, name: string): string {
  if (!LAB_NAME.test(name)) {
    throw new LabError(
      'BAD_NAME',
      `--name: expected a-z, 0-9 and -, at most 32 characters, got ${JSON.stringify(name)}\nLike this: npm run lab:up -- --name two`,
    )
  }
  return join(home, name)
}

/** Makes the home if need be; refuses one that somebody else could have laid there. */
export async function ensureHome(home: string): Promise<void> {
  if (/\s/.test(home))
    throw new LabError(
      'BAD_FOLDER',
      `PREFETCH_LAB_HOME: expected a path without blanks (RabbitMQ's scripts refuse them), got ${JSON.stringify(home)}\nUse another: PREFETCH_LAB_HOME=/var/tmp/prefetch-lab npm run lab:up`,
    )
  const ours = (await mkdir(home, { recursive: true, mode: 0o711 })) !== undefined || isOurHome(home)
  const { uid, mode } = await stat(home)
  if (uid !== process.getuid?.()) {
    throw new LabError(
      'NOT_OURS',
      `${home} belongs to uid ${uid}, not to you (${process.getuid?.()}).\nUse another: PREFETCH_LAB_HOME=~/.prefetch-lab npm run lab:up`,
    )
  }
  // Postgres under root runs as an unprivileged user that must be able to pass; nobody may write.
  if (ours) await chmod(home, 0o711)
  else if ((mode & 0o002) !== 0)
    throw new LabError(
      'BAD_FOLDER',
      `PREFETCH_LAB_HOME: expected a folder that not everybody can write to, got ${home} with mode ${(mode & 0o7777).toString(8)}\nUse one below it: PREFETCH_LAB_HOME=${join(home, 'prefetch-lab')} npm run lab:up`,
    )
  if (uid === 0) await refuseClosed(home)
}

/** Postgres does not run as root, and its user must reach its folder. */
async function refuseClosed(home: string): Promise<void> {
  for (let folder = home; folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0)
      throw new LabError(
        'NOT_OURS',
        `Postgres runs as another user, since it refuses root, and cannot pass ${folder} to reach ${home}.\nUse another: PREFETCH_LAB_HOME=/var/tmp/prefetch-lab npm run lab:up`,
      )
  }
}

export async function saveState(folder: string, state: LabState): Promise<void> {
  const next = join(folder, 'state.json.next')
  await writeFile(next, JSON.stringify(state, undefined, 1), { mode: 0o600 })
  await rename(next, join(folder, 'state.json'))
}

/** undefined if there is no lab. An unreadable state is a lab known only by its folder. */
export async function loadState(folder: string): Promise<LabState | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, 'state.json'), 'utf8')
  } catch {
    return undefined
  }
  try {
    // Only saveState writes it (0600): the loose check finds a cut file.
    return LabStateFile.parse(JSON.parse(text)) as unknown as LabState
  } catch {
    return undefined
  }
}

export async function labNames(home: string): Promise<string[]> {
  const entries = await readdir(home, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isDirectory() && LAB_NAME.test(entry.name)).map(entry => entry.name)
}

/** Removes a lab's folder, and our home when it was the last. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
  const home = dirname(folder)
  // Others may be in it, or this command's lock.
  if (isOurHome(home)) await rmdir(home).catch(() => undefined)
}

/** A new lab's state: fresh secrets, nothing started. */
export function newState(
  name: string,
  folder: string,
  plan: LabPlan,
  {
    runtime = 'native',
    fixedPorts = false,
    owner,
    spaces = [FIRST_SPACE],
    links = false,
    brokerPassword,
  }: {
    runtime?: RuntimeName
    fixedPorts?: boolean
    owner?: ProcessId | undefined
    spaces?: string[]
    links?: boolean
    brokerPassword?: string | undefined
  } = {},
): LabState {
  const password = () => randomBytes(18).toString('base64url')
  const users = ['broker.im', 'broker.worker', 'broker.lab', 'database.owner', 'database.im', 'database.worker']
  return {
    schemaVersion: 1,
    name,
    mark: `${folder}:${randomBytes(6).toString('hex')}`,
    runtime,
    phase: 'starting',
    plan,
    space: spaces[0] ?? FIRST_SPACE,
    spaces,
    fixedPorts,
    owner,
    links,
    secret: password(),
    passwords: {
      ...Object.fromEntries(users.map(user => [user, password()])),
      ...(brokerPassword === undefined ? {} : { [OWN_BROKER]: brokerPassword }),
    },
    parts: {},
  }
}
