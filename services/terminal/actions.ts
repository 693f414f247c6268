import { type ChatClient, ChatError } from '#client'
import { conversationId, taskId } from '#contracts/ids'
import { type Eye, messageLines, type QuestionOf, shownName, statusLines, warningLines } from './lines.ts'
import type { Questions } from './questions.ts'
import { excerpt } from './text.ts'

/** What a command prints, and whether it did what was asked. */
export interface Done {
  lines: string[]
  ok: boolean
}

/** The last messages with the partner. @param known questions older than these messages */
export async function history(client: ChatClient, partner: string, messages: number, eye: Eye, known: QuestionOf): Promise<Done> {
  try {
    const { head } = client.view.state(conversationId(client.user, partner))
    const page = await client.history({ with: partner, after: Math.max(0, head - messages), limit: messages })
    const title = statusLines(`${page.messages.length} of ${page.headSeq} messages with ${shownName(partner, eye)}`, eye)
    const asked = new Map(page.messages.map(message => [taskId(message.conversation, message.seq), message.body]))
    const questionOf = (task: string) => asked.get(task) ?? known(task)
    return { lines: [...title, ...page.messages.flatMap(message => messageLines(message, true, eye, questionOf))], ok: true }
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    return { lines: warningLines(error.message, eye), ok: false }
  }
}

/** The question that was asked last. */
export async function cancel(client: ChatClient, questions: Pick<Questions, 'latest' | 'prompt'>, eye: Eye): Promise<Done> {
  const task = questions.latest
  if (task === undefined) return { lines: statusLines('no question is open', eye), ok: true }
  const prompt = questions.prompt(task)
  const outcome = await client.cancel(task)
  const what = prompt === undefined ? 'the question' : `"${excerpt(prompt, 40)}"`
  if (outcome.state === 'cancelled') return { lines: statusLines(`cancelled ${what}`, eye), ok: true }
  const why = outcome.state === 'refused' ? `${outcome.code}: ${outcome.detail}` : 'the node did not answer'
  return { lines: warningLines(`${what} is not cancelled (${why})`, eye), ok: false }
}

export function statusText(client: ChatClient, onTheirWay: number, questions: number): string {
  const { reconnects, rawDuplicates, gapsAsked } = client.counters
  return [
    `${client.user} ${client.online ? `at ${client.node}` : 'offline'}, ${client.atHead ? 'nothing missing' : 'catching up'}`,
    `${onTheirWay} on their way, ${questions} open question${questions === 1 ? '' : 's'}`,
    `${reconnects} reconnects, ${gapsAsked} gaps asked for, ${rawDuplicates} repetitions dropped`,
  ].join('; ')
}
