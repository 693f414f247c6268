import type { MessageFrame } from '#contracts/frames'
import { ROBOT_NAME } from './commands.ts'
import type { Style } from './style.ts'
import { clean, excerpt, wrap } from './text.ts'

/** Who looks, and how wide. */
export interface Eye {
  me: string
  /** The robot's user id; shown as "robot". */
  robot: string
  columns: number
  style: Style
}

/** Local wall clock, hours and minutes. */
export function clock(sentAt: string): string {
  const at = new Date(sentAt)
  if (Number.isNaN(at.getTime())) return '--:--'
  return [at.getHours(), at.getMinutes()].map(n => String(n).padStart(2, '0')).join(':')
}

export function shownName(user: string, eye: Eye): string {
  return user === eye.robot ? ROBOT_NAME : clean(user)
}

function body(head: string, paint: (head: string) => string, text: string, eye: Eye): string[] {
  const lines = wrap(head, text, eye.columns)
  if (lines[0]?.startsWith(head)) lines[0] = paint(head) + lines[0].slice(head.length)
  return lines
}

/** The question that an answer belongs to, as far as it is known here. */
export type QuestionOf = (task: string) => string | undefined

/** `re: "two"` */
const about = (question: string) => `re: "${excerpt(question, RE_COLUMNS)}"`
const RE_COLUMNS = 24

/** The robot, with what there is to say of its answer. */
function robotName(name: string, notes: readonly (string | undefined)[]): string {
  const said = notes.filter(note => note !== undefined)
  return said.length === 0 ? name : `${name} (${said.join('; ')})`
}

/** A message as it stays on the screen. `here`: it was typed in this terminal. */
export function messageLines(message: MessageFrame, here: boolean, eye: Eye, questionOf: QuestionOf = () => undefined): string[] {
  const { style } = eye
  const own = message.sender === eye.me
  const to = shownName(message.to, eye)
  const sender = shownName(message.sender, eye)
  const question = message.task === undefined ? undefined : questionOf(message.task)
  const notes = [message.answered === false ? 'no answer' : undefined, question === undefined ? undefined : about(question)]
  const who = own ? `you → ${to}${here ? '' : ' (other device)'}` : robotName(sender, notes)
  const name = own ? style.own : message.sender === eye.robot ? style.robot : style.other
  // One's own message came back: it is committed. Without a seq nothing is stored.
  const tick = own ? (message.seq > 0 ? ' ✓' : ' ✓ (sent, not stored)') : ''
  const time = clock(message.sentAt)
  return body(`${time} ${who}: `, () => `${style.faint(time)} ${name(`${who}:`)} `, clean(message.body) + tick, eye)
}

/** A message that is on its way. */
export function pendingLine(to: string, text: string, eye: Eye): string {
  return eye.style.faint(excerpt(`  …   you → ${shownName(to, eye)}: ${text}`.trimStart(), eye.columns - 1))
}

/** Where a question stands: in the queue, or at a worker whose model is not loaded yet. */
export type Place = { ahead: number; workersOnline: number } | 'loading'

/** `robot (re: "two"): waiting …` */
export function waitingOf(question: string | undefined, place: Place): string {
  return `${robotName(ROBOT_NAME, [question === undefined ? undefined : about(question)])}: ${waitingText(place)}`
}

/** Nobody online is what a person must see first. */
function waitingText(place: Place): string {
  if (place === 'loading') return 'the model is loading …'
  const { ahead, workersOnline } = place
  const workers = `${workersOnline} ${workersOnline === 1 ? 'worker' : 'workers'} online`
  if (workersOnline === 0) return `waiting … ${workers}${ahead > 0 ? `, ${ahead} ahead` : ''}`
  return `waiting … ${ahead > 0 ? `${ahead} ahead` : 'next in line'}, ${workers}`
}

export function waitingLine(question: string | undefined, place: Place, eye: Eye): string {
  const text = `      ${waitingOf(question, place)}`
  return (place !== 'loading' && place.workersOnline === 0 ? eye.style.warning : eye.style.faint)(
    text.slice(0, Math.max(16, eye.columns - 1)),
  )
}

/** An answer while it is generated. `rowsMax`: its end counts, so the beginning goes. */
export function streamingLines(text: string, attempt: number, rowsMax: number, question: string | undefined, eye: Eye): string[] {
  const notes = [attempt > 1 ? `attempt ${attempt}` : undefined, question === undefined ? undefined : about(question)]
  const head = `      ${robotName(ROBOT_NAME, notes)}: `
  const lines = body(head, eye.style.robot, `${clean(text)}▌`, { ...eye, columns: eye.columns - 1 })
  return lines.length <= rowsMax ? lines : ['      …', ...lines.slice(lines.length - rowsMax + 1)]
}

/** What the terminal itself says. */
export function statusLines(text: string, eye: Eye): string[] {
  return wrap('-- ', clean(text), eye.columns, 3).map(eye.style.faint)
}
export function warningLines(text: string, eye: Eye): string[] {
  return wrap('!! ', clean(text), eye.columns, 3).map(eye.style.warning)
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`

/** Why a connection ended, in words where a person has none. */
export function lostText(node: string, code: number, reason: string): string {
  const words: Record<number, string> = { 1000: 'it closed', 1001: 'it stops', 1006: 'connection lost', 4429: 'too many connections' }
  return `${node} is gone (${reason || words[code] || `closed with ${code}`}); looking for a node …`
}

export function movedText(from: string | undefined, to: string, messages: number): string {
  return `${from === to ? `back at ${to}` : `moved to ${to}`}, ${messages === 0 ? 'nothing missed' : `${plural(messages, 'message')} caught up`}`
}

/** What came before: messages with the partner, and a line per other conversation. */
export function earlierLines(
  earlier: readonly MessageFrame[],
  partner: string,
  messagesMax: number,
  eye: Eye,
  questionOf: QuestionOf,
): string[] {
  const others = new Map<string, MessageFrame[]>()
  const withPartner: MessageFrame[] = []
  for (const message of earlier) {
    const other = message.sender === eye.me ? message.to : message.sender
    if (other === partner) withPartner.push(message)
    else others.set(other, [...(others.get(other) ?? []), message])
  }
  const lines: string[] = []
  for (const [other, messages] of others) {
    const last = messages.at(-1)
    if (last === undefined) continue
    const text = `${shownName(other, eye)}: ${plural(messages.length, 'message')}, the last: ${excerpt(last.body, 40)}  (/to ${shownName(other, eye)}, /history)`
    lines.push(...statusLines(text, eye))
  }
  const hidden = withPartner.length - messagesMax
  if (hidden > 0) lines.push(...statusLines(`${plural(hidden, 'earlier message')} with ${shownName(partner, eye)}: /history`, eye))
  for (const message of withPartner.slice(-messagesMax)) lines.push(...messageLines(message, true, eye, questionOf))
  return lines
}
