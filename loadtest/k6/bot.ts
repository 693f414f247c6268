/** `k6 run loadtest/k6/bot.ts`: users ask at a steady rate. Settings: `settings.ts`; k6 >= 0.57. */
import exec from 'k6/execution'
import type { ServerFrame } from '#contracts/frames'
import { nowMs } from './clock.ts'
import { messageId } from './message-id.ts'
import { loadOptions, sink, summaryLine } from './metrics.ts'
import { measureFromMs, pace, vuIndex } from './pace.ts'
import { settingsFromEnv } from './settings.ts'
import { login } from './socket.ts'
import { Tally } from './tally.ts'
import { TaskBook } from './task-book.ts'
import { User } from './user.ts'

const settings = settingsFromEnv(__ENV)
if (settings.users < settings.vus) throw new Error('LAB_USERS: expected at least one per VU')

export const options = loadOptions(settings)

export default async function bot(): Promise<void> {
  const { nodes, secret, run, users, vus, answerTokens } = settings
  const tally = new Tally(vuIndex(), measureFromMs(settings), sink)
  const tasks = new TaskBook(tally)
  const onFrame = (frame: ServerFrame) => {
    if (frame.type === 'stored') tasks.stored(frame.clientMessageId, frame.task, nowMs())
    else if (frame.type === 'partial') tasks.begun(frame.task, nowMs())
    else if (frame.type === 'refused') tally.refused(frame.ref, nowMs())
  }
  const own: User[] = []
  try {
    const arriving: Promise<void>[] = []
    for (let number = vuIndex(); number < users; number += vus) {
      const node = nodes[number % nodes.length] ?? ''
      const user = new User(`${run}-${number}`, tally, {
        onShown: message => {
          if (message.task !== undefined) tasks.answered(message.task, nowMs(), message.answered !== false)
        },
        onFrame,
      })
      own.push(user)
      arriving.push(user.connect(node, login(node, user.name, secret)))
    }
    await Promise.all(arriving)
    // `answerDirective` of `services/contracts/gpu-timing.ts`; text to a real model.
    const directive = answerTokens > 0 ? ` [[answer-tokens: ${answerTokens}]]` : ''
    await pace(settings, tally, ({ number, intendedMs }) => {
      const asker = own[number % own.length]
      const id = messageId(Date.now(), vuIndex(), number)
      tally.sent(id, intendedMs, nowMs())
      asker?.send(asker.robot, id, `question ${number}${directive}`)
    })
  } catch (error) {
    exec.test.abort(error instanceof Error ? error.message : String(error))
  } finally {
    for (const user of own) user.close()
  }
}

export const handleSummary = summaryLine
