import type { Delivery } from '#contracts/events'
import type { UserId } from '#contracts/ids'
import { countFrames, frameBytes, writeFrame } from './text-frames.ts'

/** A batch whose frames are ready for the socket: a node that receives it parses no message.
 *
 *  | bytes | what |
 *  |---|---|
 *  | 1 | `READY`, the version of this form; the plain form is JSON and begins with `{` |
 *  | 2 + n | `from` |
 *  | per run: 1, then 2 + n each | how many users get it, and who they are |
 *  | 1 + 36 + 8 | the conversation and its highest seq here; zero where the run has none |
 *  | 4 + n | whole WebSocket frames |
 *
 *  Numbers are big endian, texts are UTF-8 with their length before them. */
const READY = 1
const CONVERSATION_BYTES = 36
const HEAD_BYTES = 1 + CONVERSATION_BYTES + 8
const USERS_MAX = 255

/** Neighbouring frames for the same users, of at most one conversation. */
export interface ReadyRun {
  to: readonly UserId[]
  frames: Buffer
  count: number
  /** What a head check has to know; undefined: nothing with a seq. */
  head: { conversation: string; seq: number } | undefined
}

/** Whether a body has this form, in whichever version. */
export const isReadyBatch = (body: Buffer): boolean => body.length > 0 && body[0] !== 0x7b

interface Draft {
  to: readonly UserId[]
  texts: { text: string; bytes: number }[]
  bytes: number
  head: ReadyRun['head']
}

/** @param deliveries of one addressee and conversation beside each other, for the longest runs */
export function writeReadyBatch(from: string, deliveries: readonly Delivery[]): { body: Buffer; runs: ReadyRun[] } {
  const drafts = draftsOf(deliveries)
  const names = drafts.map(({ to }) => to.map(user => Buffer.from(user)))
  const sender = Buffer.from(from)
  let total = 3 + sender.length
  for (const [i, { bytes }] of drafts.entries())
    total += 1 + names[i]!.reduce((sum, name) => sum + 2 + name.length, 0) + HEAD_BYTES + 4 + bytes
  const body = Buffer.allocUnsafe(total)
  body[0] = READY
  let at = writeText(body, 1, sender)
  const runs: ReadyRun[] = []
  for (const [i, { to, texts, bytes, head }] of drafts.entries()) {
    body[at] = to.length
    at += 1
    for (const name of names[i]!) at = writeText(body, at, name)
    body[at] = head === undefined ? 0 : 1
    if (head === undefined) body.fill(0, at + 1, at + HEAD_BYTES)
    else {
      body.write(head.conversation, at + 1, 'latin1')
      body.writeDoubleBE(head.seq, at + 1 + CONVERSATION_BYTES)
    }
    at = body.writeUInt32BE(bytes, at + HEAD_BYTES)
    const begin = at
    for (const { text, bytes } of texts) at = writeFrame(body, at, text, bytes)
    runs.push({ to, frames: body.subarray(begin, at), count: texts.length, head })
  }
  return { body, runs }
}

function draftsOf(deliveries: readonly Delivery[]): Draft[] {
  const drafts: Draft[] = []
  let last: Draft | undefined
  for (const { to, frame } of deliveries) {
    const head = frame.type === 'message' && frame.seq > 0 ? { conversation: frame.conversation, seq: frame.seq } : undefined
    if (last === undefined || !sameUsers(last.to, to) || last.head?.conversation !== head?.conversation) {
      if (to.length > USERS_MAX) throw new Error(`a run has at most ${USERS_MAX} users, got ${to.length}`)
      last = { to, texts: [], bytes: 0, head }
      drafts.push(last)
    } else if (head !== undefined && last.head !== undefined && head.seq > last.head.seq) last.head = head
    const text = JSON.stringify(frame)
    const bytes = Buffer.byteLength(text)
    last.texts.push({ text, bytes })
    last.bytes += frameBytes(bytes)
  }
  return drafts
}

function sameUsers(one: readonly UserId[], other: readonly UserId[]): boolean {
  return one === other || (one.length === other.length && one.every((user, i) => user === other[i]))
}

function writeText(into: Buffer, at: number, text: Buffer): number {
  into.writeUInt16BE(text.length, at)
  text.copy(into, at + 2)
  return at + 2 + text.length
}

/** The runs of a batch, or `own` if the part of that name published it: its first bytes tell.
 *  undefined: not of this form, or of another version. Nothing of it may reach a socket. */
export function readReadyBatch(body: Buffer, own: string | undefined): ReadyRun[] | 'own' | undefined {
  try {
    if (body[0] !== READY) return undefined
    const from = body.readUInt16BE(1)
    let at = 3 + from
    if (at > body.length) return undefined
    if (own !== undefined && body.toString('utf8', 3, at) === own) return 'own'
    const runs: ReadyRun[] = []
    while (at < body.length) {
      const to: string[] = []
      const users = body.readUInt8(at)
      at += 1
      for (let i = 0; i < users; i += 1) {
        const end = at + 2 + body.readUInt16BE(at)
        to.push(body.toString('utf8', at + 2, end))
        at = end
      }
      const seq = body.readDoubleBE(at + 1 + CONVERSATION_BYTES)
      const head = body[at] === 0 ? undefined : { conversation: body.toString('latin1', at + 1, at + 1 + CONVERSATION_BYTES), seq }
      const begin = at + HEAD_BYTES + 4
      const end = begin + body.readUInt32BE(at + HEAD_BYTES)
      if (end > body.length || to.length === 0) return undefined
      const frames = body.subarray(begin, end)
      const count = countFrames(frames)
      if (count === undefined || count === 0) return undefined
      runs.push({ to, frames, count, head })
      at = end
    }
    return runs
  } catch (error) {
    if (error instanceof RangeError) return undefined // It ends too early.
    throw error
  }
}
