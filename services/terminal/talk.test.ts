import { describe, expect, test } from 'vitest'
import type { ChatClient } from '#client'
import type { MessageFrame } from '#contracts/frames'
import { answerId, conversationId, taskId } from '#contracts/ids'
import type { Screen } from './screen.ts'
import { PLAIN } from './style.ts'
import { Talk } from './talk.ts'

const ROBOT = 'URobot'
const CONVERSATION = conversationId('ann', ROBOT)
const AT = { type: 'message', conversation: CONVERSATION, sentAt: 'no time' } as const
const id = (seq: number) => answerId(taskId(CONVERSATION, seq))
const question = (seq: number, body: string): MessageFrame => ({ ...AT, seq, sender: 'ann', to: ROBOT, body, clientMessageId: id(seq) })
const answer = (seq: number, to: number, answered = true): MessageFrame => {
  return { ...AT, seq, sender: ROBOT, to: 'ann', body: 'words', clientMessageId: id(seq), task: taskId(CONVERSATION, to), answered }
}

/** A talk of ann with the robot: her client, as far as needed, and her screen. */
function talkOf({ isRobotSimulated = false, liveRowsMax = 0 } = {}) {
  const printed: string[] = []
  const live: string[] = []
  const screen: Screen = {
    columns: 120,
    liveRowsMax,
    print: lines => void printed.push(...lines),
    live: lines => void live.splice(0, live.length, ...lines),
    prompt: () => undefined,
    close: () => undefined,
  }
  const talk = new Talk({ screen, style: PLAIN, partner: undefined, answersWithinMs: undefined, isRobotSimulated })
  let sent = 0
  const client = {
    user: 'ann',
    robot: ROBOT,
    node: 'im-a',
    sequenced: true,
    view: { state: () => ({ head: 4 }) },
    history: async () => ({ messages: [question(1, 'one'), question(2, 'two, and more'), answer(3, 2), answer(4, 1)], headSeq: 4 }),
    send: async (_to: string, _body: string, { clientMessageId }: { clientMessageId: string }) => {
      sent += 1
      return { state: 'stored', attempts: 1, clientMessageId, conversation: CONVERSATION, seq: sent, task: taskId(CONVERSATION, sent) }
    },
  }
  void talk.start(client as unknown as ChatClient) // As much of one as a talk asks for.
  talk.listeners.caughtUp?.({ node: 'im-a', messages: 0, first: true })
  return { talk, printed, live }
}

describe('an answer says which question it answers', () => {
  test('asked here or on another device, answered out of order, apologies too', () => {
    const { talk, printed } = talkOf()
    for (const message of [question(1, 'one'), question(2, 'two'), answer(3, 2), answer(4, 1, false)]) talk.listeners.message?.(message)
    expect(printed.slice(-2)).toEqual(['--:-- robot (re: "two"): words', '--:-- robot (no answer; re: "one"): words'])
  })

  test('while it streams', () => {
    const { talk, live } = talkOf({ liveRowsMax: 10 })
    talk.listeners.message?.(question(1, 'why is the sky so blue in the morning?'))
    const task = taskId(CONVERSATION, 1)
    talk.listeners.partial?.({ task, conversation: CONVERSATION, attempt: 2, text: 'because', added: 'because', cleared: true })
    expect(live).toEqual(['      robot (attempt 2; re: "why is the sky so blue…"): because▌'])
  })

  test('in the history, out of the page itself', async () => {
    const { talk, printed } = talkOf()
    await talk.line('/history')
    expect(printed.slice(-2)).toEqual(['--:-- robot (re: "two, and more"): words', '--:-- robot (re: "one"): words'])
  })

  test('while it waits', () => {
    const { talk, printed } = talkOf()
    talk.listeners.message?.(question(1, 'one'))
    talk.listeners.waiting?.({ type: 'waiting', conversation: CONVERSATION, task: taskId(CONVERSATION, 1), ahead: 2, workersOnline: 1 })
    expect(printed.at(-1)).toBe('-- robot (re: "one"): waiting … 2 ahead, 1 worker online')
  })

  test('nothing where the question is not known', () => {
    const { talk, printed } = talkOf()
    talk.listeners.message?.(answer(9, 8))
    expect(printed.at(-1)).toBe('--:-- robot: words')
  })
})

describe('a simulated robot', () => {
  const told = (lines: readonly string[]) => lines.filter(line => line.includes('nonsense text of the right length')).length

  test('is printed once, at the first question', async () => {
    const { talk, printed } = talkOf({ isRobotSimulated: true })
    expect(told(printed)).toBe(0)
    await talk.line('@bob hi')
    expect(told(printed)).toBe(0)
    await talk.line('/ask one')
    await talk.line('/ask two')
    expect(told(printed)).toBe(1)
  })

  test('is not said of a real one', async () => {
    const { talk, printed } = talkOf()
    await talk.line('/ask one')
    expect(told(printed)).toBe(0)
  })
})

test('a lost connection and trouble are printed once each', () => {
  const { talk, printed } = talkOf()
  const before = printed.length
  for (const code of [1006, 1006]) talk.listeners.disconnected?.({ node: 'im-a', url: '', code, reason: '' })
  talk.listeners.caughtUp?.({ node: 'im-b', messages: 0, first: false })
  talk.listeners.caughtUp?.({ node: 'im-b', messages: 0, first: false })
  expect(printed.slice(before)).toEqual(['-- im-a is gone (connection lost); looking for a node …', '-- moved to im-b, nothing missed'])
})
