/** `npm run chat`: a chat in the terminal. Options: `chat/arguments.ts`. */
import { ChatClient, ChatError } from '#client'
import { EXIT } from '#contracts/parts'
import { type ChatArguments, parseArguments, USAGE, UsageError } from '../services/terminal/arguments.ts'
import { plainScreen, type ScreenEvents, TerminalScreen } from '../services/terminal/screen.ts'
import { COLOUR, PLAIN } from '../services/terminal/style.ts'
import { Talk } from '../services/terminal/talk.ts'

/** A person notices a lost node soon, and waits for a message. Milliseconds. */
const TUNING = { heartbeatMs: 5_000, heartbeatTimeoutMs: 4_000, sendDeadlineMs: 120_000, sendAttemptsMax: 40 }

async function main(): Promise<number> {
  const chat = parseArguments(process.argv.slice(2))
  if (chat === 'help') {
    console.log(USAGE)
    return EXIT.ok
  }
  const { nodes, secret, isRobotSimulated } =
    chat.remote === undefined ? await nodesOfLab(chat) : { ...chat.remote, isRobotSimulated: false }
  const person = process.stdin.isTTY === true && process.stdout.isTTY === true && process.env['TERM'] !== 'dumb'
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
  // Ctrl-C, a signal, a lost reader: leave now. The end of a pipe: leave after its lines.
  const left = new AbortController()
  const inputEnded = Promise.withResolvers<void>()
  const leave = () => left.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, leave)
  process.stdout.on('error', leave) // `| head` closed it.
  const lines = new Lines()
  const events: ScreenEvents = { line: text => lines.add(text), end: person ? leave : inputEnded.resolve }
  const screen = person ? new TerminalScreen(process.stdin, process.stdout, events) : plainScreen(process.stdin, process.stdout, events)
  const answersWithinMs = process.stdin.isTTY === true ? undefined : chat.waitMs
  const talk = new Talk({ screen, style: colour ? COLOUR : PLAIN, partner: chat.partner, answersWithinMs, isRobotSimulated })
  const connecting = new AbortController()
  const stop = () => connecting.abort()
  left.signal.addEventListener('abort', stop)
  try {
    await using client = await ChatClient.connect({
      nodes,
      user: chat.as,
      secret,
      tuning: TUNING,
      on: talk.listeners,
      signal: connecting.signal,
    })
    // From now on leaving takes its time: sends may be open.
    left.signal.removeEventListener('abort', stop)
    const gaveUp = Promise.withResolvers<ChatError>()
    client.on('closed', error => error !== undefined && gaveUp.resolve(error))
    const started = talk.start(client)
    const done = lines.each(person ? undefined : started, async text => {
      if (!left.signal.aborted && !(await talk.line(text))) leave()
    })
    void inputEnded.promise.then(done).then(leave)
    const error = await Promise.race([aborted(left.signal), gaveUp.promise])
    if (error !== undefined) throw error
    await talk.leave()
  } catch (error) {
    // Leaving while connecting is not a failure.
    if (!left.signal.aborted || !(error instanceof ChatError)) throw error
  } finally {
    screen.close()
  }
  return person ? EXIT.ok : talk.exitCode
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise(resolve => (signal.aborted ? resolve(undefined) : signal.addEventListener('abort', () => resolve(undefined), { once: true })))

/** Typed lines, kept until taken; a pipe's one by one, a person's at once. */
class Lines {
  readonly #early: string[] = []
  #take = (text: string): void => void this.#early.push(text)

  add(text: string): void {
    this.#take(text)
  }

  /** `after`: then one at a time. Returns a wait until all lines so far are done. */
  each(after: Promise<unknown> | undefined, run: (text: string) => Promise<void>): () => Promise<unknown> {
    let queue: Promise<unknown> = after ?? Promise.resolve()
    this.#take = text => {
      if (after === undefined) void run(text)
      else queue = queue.then(() => run(text))
    }
    this.#early.splice(0).forEach(this.#take)
    return () => queue
  }
}

/** All IM nodes of the lab, the one asked for first. */
async function nodesOfLab(chat: ChatArguments): Promise<{ nodes: string[]; secret: string; isRobotSimulated: boolean }> {
  // Only here: with --node no lab need be on this machine.
  const { attachLab } = await import('#lab')
  const lab = await attachLab(chat.name)
  const nodes = lab.parts.filter(part => part.kind === 'im-node')
  const names = nodes.map(part => part.name)
  if (chat.on !== undefined && !names.includes(chat.on))
    throw new UsageError(`--on: expected ${names.join(' or ')}, got ${JSON.stringify(chat.on)}`)
  const ordered = [...nodes.filter(part => part.name === chat.on), ...nodes.filter(part => part.name !== chat.on)]
  const urls = ordered.map(part => part.urls['http']).filter(url => url !== undefined)
  return { nodes: urls, secret: lab.secret, isRobotSimulated: lab.plan.gpus.every(gpu => gpu.url === undefined) }
}

/** Operating errors get a line or two; anything else is a bug, with its stack. */
function told(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`USAGE: ${error.message}\n\n${USAGE}`)
    return EXIT.usage
  }
  if (error instanceof ChatError) {
    console.error(`${error.code}: ${error.message}\nSee: npm run lab:status`)
    return EXIT.environment
  }
  if (error instanceof Error && error.name === 'LabError' && 'exitCode' in error && typeof error.exitCode === 'number') {
    console.error('code' in error ? `${error.code}: ${error.message}` : error.message)
    return error.exitCode
  }
  throw error
}

process.exitCode = await main().catch(told)
