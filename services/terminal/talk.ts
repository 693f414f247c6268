import type { ChatClient, ChatEvents, SendOutcome } from '#client'
import type { MessageFrame } from '#contracts/frames'
import { taskId } from '#contracts/ids'
import { EXIT } from '#contracts/parts'
import { cancel, type Done, history, statusText } from './actions.ts'
import { HELP, parseLine, ROBOT_NAME } from './commands.ts'
import { ConnectionNews } from './connection-news.ts'
import { type Eye, earlierLines, messageLines, shownName, statusLines, warningLines } from './lines.ts'
import { Outgoing } from './outgoing.ts'
import { Questions } from './questions.ts'
import type { Screen } from './screen.ts'
import type { Style } from './style.ts'
import { excerpt } from './text.ts'

const EARLIER_MESSAGES_MAX = 10
/** How long a leaving person, or a finished pipe, waits for open sends. */
const LEAVE_WITHIN_MS = 3_000

export interface TalkOptions {
  screen: Screen
  style: Style
  partner: string | undefined
  /** How long piped input waits for answers. Milliseconds; undefined = a person. */
  answersWithinMs: number | undefined
  /** No model answers, but a simulated GPU. false where that is not known. */
  isRobotSimulated: boolean
}

/** One person or pipe at a client. Made before it connects, to miss no event. */
export class Talk {
  readonly #screen: Screen
  readonly #style: Style
  readonly #answersWithinMs: number | undefined
  readonly #questions: Questions
  readonly #questionOf = (task: string) => this.#questions.prompt(task)
  readonly #outgoing = new Outgoing()
  readonly #news = new ConnectionNews()
  readonly #answers = new Set<Promise<void>>()
  readonly #atStart = Promise.withResolvers<void>()
  #client: ChatClient | undefined
  #partner: string | undefined
  /** Messages from before, until the first catch-up ends. */
  #earlier: MessageFrame[] | undefined = []
  #exitCode: number = EXIT.ok

  constructor(options: TalkOptions) {
    this.#screen = options.screen
    this.#style = options.style
    this.#partner = options.partner
    this.#answersWithinMs = options.answersWithinMs
    this.#questions = new Questions(options.isRobotSimulated)
  }

  readonly listeners: { [E in keyof ChatEvents]?: (...args: ChatEvents[E]) => void } = {
    message: message => this.#message(message),
    partial: partial => {
      this.#questions.partial(partial)
      this.#live()
    },
    waiting: ({ task, ahead, workersOnline }) => this.#waits(this.#questions.waiting(task, { ahead, workersOnline })),
    loading: ({ task }) => this.#waits(this.#questions.waiting(task, 'loading')),
    refused: frame => {
      if (frame.retryable && this.#outgoing.isPending(frame.ref)) this.#status(`${frame.code}: ${frame.detail}; trying again`)
      if (frame.code !== 'CANCELLED') return
      this.#questions.ended(frame.ref)
      this.#live()
    },
    caughtUp: at => this.#caughtUp(at),
    disconnected: at => {
      const text = this.#client === undefined ? undefined : this.#news.lost(at)
      if (text !== undefined) this.#status(text)
    },
    trouble: error => {
      const text = this.#news.trouble(error)
      if (text !== undefined) this.#warning(text)
    },
  }

  /** How it went, for a pipe. */
  get exitCode(): number {
    return this.#exitCode
  }

  /** The client is connected. Resolves when the earlier messages are shown. */
  start(client: ChatClient): Promise<void> {
    this.#client = client
    this.#partner ??= client.robot
    const stored = client.sequenced ? '' : ' (design article: nothing is stored)'
    this.#status(`${client.user} at ${client.node}${stored}. /help lists the commands.`)
    this.#prompt()
    if (!client.sequenced) this.#atStart.resolve()
    return this.#atStart.promise
  }

  /** A typed line; resolves with its effect, not the robot's answer. false = leave. */
  async line(text: string): Promise<boolean> {
    const client = this.#client
    if (client === undefined) return true
    const partner = this.#partner ?? client.robot
    const command = parseLine(text.replaceAll('\0', '')) // Piped binary; no node takes it.
    switch (command.verb) {
      case 'say':
        await this.#send(client, command.to === ROBOT_NAME ? client.robot : (command.to ?? partner), command.body)
        break
      case 'ask':
        await this.#send(client, client.robot, command.body)
        break
      case 'to':
        this.#partner = command.user === ROBOT_NAME ? client.robot : command.user
        this.#prompt()
        break
      case 'history':
        this.#print(await history(client, partner, command.messages, this.#eye, this.#questionOf))
        break
      case 'cancel':
        this.#print(await cancel(client, this.#questions, this.#eye))
        break
      case 'status':
        this.#status(statusText(client, this.#outgoing.size, this.#questions.size))
        break
      case 'help':
        this.#screen.print(HELP.map(line => `   ${line}`))
        break
      case 'wrong':
        this.#warning(command.why)
        this.#fails(EXIT.usage)
        break
      case 'quit':
        return false
      case 'nothing':
        break
      default:
        command satisfies never
    }
    return true
  }

  /** A pipe gets its answers first; then what is on its way has a few seconds to arrive. */
  async leave(): Promise<void> {
    await Promise.all(this.#answers)
    if (this.#answersWithinMs === undefined && this.#outgoing.size > 0)
      this.#status(`${this.#outgoing.size} not stored yet; leaving in ${LEAVE_WITHIN_MS / 1_000} s at the latest`)
    await this.#outgoing.empty(LEAVE_WITHIN_MS)
  }

  async #send(client: ChatClient, to: string, body: string): Promise<void> {
    const notice = to === client.robot ? this.#questions.notice() : undefined
    if (notice !== undefined) this.#status(notice)
    const clientMessageId = crypto.randomUUID()
    this.#outgoing.add(clientMessageId, to, body)
    const outcome = client.send(to, body, { clientMessageId })
    this.#live()
    this.#sent(client, to, body, await outcome)
  }

  #sent(client: ChatClient, to: string, body: string, sent: SendOutcome): void {
    const label = `to ${shownName(to, this.#eye)}: ${excerpt(body, 40)}`
    if (sent.state === 'stored') {
      // Live until it takes its place in the order; unordered, it is done.
      if (!client.sequenced) this.#outgoing.done(sent.clientMessageId)
      if (sent.task !== undefined) this.#await(client, sent.task, body)
      this.#live()
      return
    }
    this.#outgoing.done(sent.clientMessageId)
    this.#live()
    if (sent.state === 'refused') this.#warning(`not sent ${label} (${sent.code}: ${sent.detail})`)
    else this.#warning(`nobody knows whether this was stored ${label} (${sent.detail}); /history tells`)
    this.#fails(sent.state === 'refused' ? EXIT.failed : EXIT.unknown)
  }

  #await(client: ChatClient, task: string, prompt: string): void {
    this.#questions.asked(task, prompt)
    if (this.#answersWithinMs === undefined) return
    const answer = client.answer(task, this.#answersWithinMs).then(outcome => {
      if (outcome.state === 'unknown') this.#warning(`${ROBOT_NAME}: ${outcome.detail}`)
      if (outcome.state !== 'answered' && outcome.state !== 'cancelled') this.#fails(EXIT.failed)
    })
    this.#answers.add(answer)
  }

  #message(message: MessageFrame): void {
    const here = this.#outgoing.isHere(message.clientMessageId)
    if (message.task !== undefined) this.#questions.ended(message.task)
    else if (message.to === this.#client?.robot && message.seq > 0)
      this.#questions.asked(taskId(message.conversation, message.seq), message.body)
    if (this.#earlier !== undefined && !here) {
      this.#earlier.push(message)
      return
    }
    this.#outgoing.done(message.clientMessageId)
    this.#screen.print(messageLines(message, here, this.#eye, this.#questionOf), this.#liveLines())
  }

  #caughtUp(at: ChatEvents['caughtUp'][0]): void {
    const news = this.#news.back(at)
    if (at.first) {
      const earlier = this.#earlier ?? []
      this.#earlier = undefined
      // A pipe wants what happens now.
      if (this.#answersWithinMs === undefined)
        this.#screen.print(earlierLines(earlier, this.#partner ?? '', EARLIER_MESSAGES_MAX, this.#eye, this.#questionOf))
      this.#atStart.resolve()
    } else if (news !== undefined) this.#status(news)
  }

  /** The first failure decides, but surely not sent outweighs unknown. */
  #fails(code: number): void {
    if (this.#exitCode === EXIT.ok || this.#exitCode === EXIT.unknown) this.#exitCode = code
  }

  get #eye(): Eye {
    const { user = '', robot = '' } = this.#client ?? {}
    return { me: user, robot, columns: this.#screen.columns, style: this.#style }
  }

  #waits(text: string | undefined): void {
    if (this.#screen.liveRowsMax > 0 || text === undefined) this.#live()
    else this.#status(text)
  }

  #live(): void {
    if (this.#screen.liveRowsMax > 0) this.#screen.live(this.#liveLines())
  }

  #liveLines(): string[] {
    const rows = this.#screen.liveRowsMax
    if (rows === 0) return []
    const outgoing = this.#outgoing.lines(this.#eye)
    return [...this.#questions.lines(Math.max(1, rows - outgoing.length), this.#eye), ...outgoing]
  }

  #print({ lines, ok }: Done): void {
    this.#screen.print(lines, this.#liveLines())
    if (!ok) this.#fails(EXIT.failed)
  }

  #status(text: string): void {
    this.#screen.print(statusLines(text, this.#eye))
  }

  #warning(text: string): void {
    this.#screen.print(warningLines(text, this.#eye))
  }

  #prompt(): void {
    this.#screen.prompt(`to ${shownName(this.#partner ?? '', this.#eye)}> `)
  }
}
