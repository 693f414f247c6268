import { existsSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { brokersOf } from '../brokers.ts'
import { LabError, ofLab } from '../errors.ts'
import { Lab } from '../lab.ts'
import { checkPlan, DEFAULT_PLAN, differences, type LabPlan } from '../plan.ts'
import { pause } from '../until.ts'
import { clearFolder } from './clear.ts'
import { bridgeAddress } from './compose/bridge.ts'
import { ComposeRuntime } from './compose.ts'
import { withConsoleKey } from './console-key.ts'
import { lockOwners, takeLock } from './lock.mjs'
import { NativeRuntime } from './native.ts'
import { isAlive, processId } from './proc.mjs'
import { gone, signalAll } from './processes.ts'
import { ensureHome, FIRST_SPACE, isOurHome, type LabState, labFolder, labHome, labNames, loadState, newState, saveState } from './state.ts'
import { type OnPart, RUNTIMES, type Runtime, type RuntimeName } from './types.ts'

/** Names of private labs; none of these is listed or attached to. */
const PRIVATE = /^p-\d+-\d+$/
/** A command that is asked to stop clears its lab; then we go on. Milliseconds. */
const OTHER_STOPS_WITHIN_MS = 30_000
/** Stopping a part may take its drain. Milliseconds. */
const OTHER_CHANGES_WITHIN_MS = 30_000

export interface UpOptions {
  name?: string
  plan?: Partial<LabPlan>
  /** Default: `PREFETCH_LAB_RUNTIME`, else native. */
  runtime?: RuntimeName
  /** Of `plan.ownBroker`. */
  brokerPassword?: string | undefined
  /** Remembered ports instead of free ones. */
  fixedPorts?: boolean
  onPart?: OnPart
  /** Aborting ends the start and clears what it made. */
  signal?: AbortSignal
}

/** The named lab, brought up or found, and whether it ran. Throws UP_IN_PROGRESS, SETTINGS_DIFFER,
 *  PORT_TAKEN, PART_NOT_READY, BAD_SETTING …; a failed start leaves nothing. */
export async function upLab({
  name = 'main',
  plan: given,
  runtime = defaultRuntime(),
  brokerPassword,
  fixedPorts = false,
  onPart = () => undefined,
  signal = new AbortController().signal,
}: UpOptions): Promise<{ lab: Lab; wasUp: boolean }> {
  const plan = { ...DEFAULT_PLAN, ...given }
  checkPlan(plan)
  const home = labHome()
  const folder = labFolder(home, name)
  await ensureHome(home)
  using lock = takeLock(`${folder}.lock`, isOurHome(home))
  if (lock === undefined) throw inProgress(name, `${folder}.lock`)
  await clearAbandoned(home)
  const known = await loadState(folder)
  if (known?.phase === 'up') {
    const differing = differences(known.plan, plan)
    if (known.runtime !== runtime) differing.push(`runtime: ${known.runtime} (asked: ${runtime})`)
    if (differing.length > 0)
      throw new LabError(
        'SETTINGS_DIFFER',
        `the lab ${name} runs with other settings:\n  ${differing.join('\n  ')}\nEnd it first: npm run lab:down${ofLab(name)}`,
      )
    const running = runtimeOf(folder, known)
    await running.up(onPart, signal).catch((error: unknown) => {
      throw signal.aborted
        ? new LabError('INTERRUPTED', `interrupted while the lab ${name} was looked at; it runs on`, { cause: error })
        : error
    })
    return { lab: new Lab(name, known.secret, running, false), wasUp: true }
  }
  // A start that was killed leaves its state in the phase `starting`, or none at all.
  await clearFolder(folder)
  const state = newState(name, folder, plan, { runtime, fixedPorts, brokerPassword })
  return { lab: await withConsoleKey(folder, state, () => begin(folder, state, onPart, signal)), wasUp: false }
}

export interface StartOptions {
  /** Default: `PREFETCH_LAB_RUNTIME`, else native. */
  runtime?: RuntimeName
  signal?: AbortSignal
  /** How often it can be renewed, and once more. Default 1. */
  spaces?: number
  /** Native: talk through links, so `partition` works. Default false: links cost CPU. */
  links?: boolean
  /** Of `plan.ownBroker`. */
  brokerPassword?: string | undefined
}

let privateLabs = 0

/** A private lab: free ports, own name; ends with its handle, or once its owner is found dead. */
export async function startLab(plan: Partial<LabPlan> = {}, options: StartOptions = {}): Promise<Lab> {
  const { runtime = defaultRuntime(), signal = new AbortController().signal, spaces = 1, links = false, brokerPassword } = options
  const whole = { ...DEFAULT_PLAN, ...plan }
  checkPlan(whole)
  const home = labHome()
  await ensureHome(home)
  await clearAbandoned(home)
  privateLabs += 1
  const name = `p-${process.pid}-${privateLabs}`
  const folder = labFolder(home, name)
  const names = Array.from({ length: spaces }, (_, i) => (i === 0 ? FIRST_SPACE : `${FIRST_SPACE}${i + 1}`))
  const state = newState(name, folder, whole, { runtime, owner: processId(process.pid), spaces: names, links, brokerPassword })
  return begin(folder, state, () => undefined, signal)
}

/** A lab that runs, by name; without one `main`, or the only one there is. Throws NO_LAB. */
export async function attachLab(name?: string): Promise<Lab> {
  const home = labHome()
  const names = await labsThere(home)
  const wanted = name ?? (names.length === 1 && names[0] !== undefined ? names[0] : 'main')
  const folder = labFolder(home, wanted)
  const state = await loadState(folder)
  if (state === undefined) {
    const down = `npm run lab:down${ofLab(wanted)}`
    if (names.includes(wanted)) throw new LabError('NO_LAB', `the lab ${wanted} left an unreadable state.\nRemove it: ${down}`)
    const others = names.length > 0 ? ` There ${names.length === 1 ? 'is' : 'are'}: ${names.join(', ')}.` : ''
    throw new LabError('NO_LAB', `no lab named ${wanted} runs.${others}\nStart it: npm run lab:up${ofLab(wanted)}`)
  }
  return new Lab(wanted, state.secret, runtimeOf(folder, state), false)
}

/** Names of labs that `lab:up` started. */
export async function labsThere(home = labHome()): Promise<string[]> {
  return (await labNames(home)).filter(name => !PRIVATE.test(name))
}

/** Attaches and changes, one command at a time. Throws UP_IN_PROGRESS after a while. */
export async function changeLab<T>(name: string | undefined, change: (lab: Lab) => Promise<T>): Promise<T> {
  const home = labHome()
  const wanted = (await attachLab(name)).name
  const file = `${labFolder(home, wanted)}.lock`
  const untilMs = performance.now() + OTHER_CHANGES_WITHIN_MS
  for (;;) {
    using lock = takeLock(file, isOurHome(home))
    if (lock !== undefined) {
      await using lab = await attachLab(wanted) // Anew: what the other command changed counts.
      return await change(lab)
    }
    if (performance.now() >= untilMs) throw inProgress(wanted, file)
    await pause(50)
  }
}

/** Ends the named lab in any state, even while starting. @returns whether there was one. */
export async function downLab(name = 'main'): Promise<boolean> {
  const home = labHome()
  const folder = labFolder(home, name)
  if (!existsSync(home)) return false
  const file = `${folder}.lock`
  const known = async () => (await labNames(home)).includes(name)
  let was = await known()
  for (;;) {
    using lock = takeLock(file, isOurHome(home))
    was ||= await known()
    if (lock !== undefined) {
      await clearFolder(folder)
      await clearAbandoned(home)
      return was
    }
    const others = lockOwners(file)
    signalAll(others, 'SIGTERM')
    if (!(await gone(others, OTHER_STOPS_WITHIN_MS))) signalAll(others, 'SIGKILL')
  }
}

/** What runs the parts where nobody says: tests of the lab run on either. */
export function defaultRuntime(env: Record<string, string | undefined> = process.env): RuntimeName {
  const named = env['PREFETCH_LAB_RUNTIME'] || 'native'
  const runtime = RUNTIMES.find(name => name === named)
  if (runtime === undefined)
    throw new LabError(
      'BAD_SETTING',
      `PREFETCH_LAB_RUNTIME: expected ${RUNTIMES.join(' or ')}, got ${JSON.stringify(named)}. Type:\n  unset PREFETCH_LAB_RUNTIME`,
    )
  return runtime
}

/** Where parts reach this machine, unseen from beyond. Throws NOT_ON_COMPOSE, ENGINE_MISSING. */
export async function hostAddress(runtime: RuntimeName = defaultRuntime()): Promise<string> {
  return runtime === 'compose' ? bridgeAddress() : '127.0.0.1'
}

function runtimeOf(folder: string, state: LabState): Runtime {
  return state.runtime === 'compose' ? new ComposeRuntime(folder, state) : new NativeRuntime(folder, state)
}

function inProgress(name: string, file: string): LabError {
  const owner = lockOwners(file)[0]?.pid
  return new LabError(
    'UP_IN_PROGRESS',
    owner === undefined
      ? `another command was changing the lab ${name} and has just ended.\nType the command again`
      : `another command is changing the lab ${name} now (pid ${owner}).\nWait for it, or end it: npm run lab:down${ofLab(name)}`,
  )
}

/** The next start tries again to remove it. */
function sayLeft(error: unknown): void {
  if (!(error instanceof LabError) || error.code !== 'BROKER_LEFTOVERS') throw error
  console.error(`${error.code}: ${error.message}`)
}

async function begin(folder: string, state: LabState, onPart: OnPart, signal: AbortSignal): Promise<Lab> {
  if (state.plan.ownBroker !== undefined && state.runtime !== 'native')
    throw new LabError('NOT_ON_COMPOSE', 'a broker of your own works with local processes alone.\nLike this: --runtime native')
  if (brokersOf(state.plan).length > 1 && state.runtime !== 'native')
    throw new LabError('NOT_ON_COMPOSE', 'three nodes of a broker are local processes alone so far.\nLike this: --runtime native')
  const runtime = runtimeOf(folder, state)
  const lab = new Lab(state.name, state.secret, runtime, state.owner !== undefined)
  try {
    await mkdir(folder, { recursive: true }) // The home may have gone with another lab.
    await chmod(folder, 0o711) // Apart from the making, where the caller's umask would count.
    await saveState(folder, state)
    await runtime.up(onPart, signal)
    return lab
  } catch (error) {
    await runtime.down().catch(sayLeft)
    if (signal.aborted)
      throw new LabError('INTERRUPTED', `the start of the lab ${state.name} was interrupted; its parts are removed`, { cause: error })
    throw error
  }
}

/** Private labs whose owner is dead: a killed test run must not leave brokers behind. */
async function clearAbandoned(home: string): Promise<void> {
  for (const name of (await labNames(home)).filter(other => PRIVATE.test(other))) {
    const folder = labFolder(home, name)
    const state = await loadState(folder)
    if (state?.kept === true) continue
    const owner = state?.owner
    // Without a state it is as good as new: its pid stands in its name.
    const living = owner === undefined ? processId(Number(name.split('-')[1])) !== undefined : isAlive(owner)
    if (living) continue
    const left = state?.ownSpaces ?? []
    if (left.length > 0) console.error(`A run that was killed left on ${state?.plan.ownBroker?.url}: ${left.join(', ')}. Removing …`)
    await clearFolder(folder).catch(sayLeft)
  }
}
