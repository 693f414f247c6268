/** `k6 run loadtest/k6/chat.ts`: pairs on different nodes write at a steady rate. Settings:
 *  `settings.ts`. k6 >= 0.57 runs TypeScript; npm's package `k6` is a placeholder. */
import exec from 'k6/execution'
import { nowMs } from './clock.ts'
import { messageId } from './message-id.ts'
import { loadOptions, sink, summaryLine } from './metrics.ts'
import { measureFromMs, pace, vuIndex } from './pace.ts'
import { settingsFromEnv } from './settings.ts'
import { login } from './socket.ts'
import { Tally } from './tally.ts'
import { User } from './user.ts'

const settings = settingsFromEnv(__ENV)
if (settings.users % 2 !== 0 || settings.users < 2 * settings.vus)
  throw new Error('LAB_USERS: expected an even number, at least two per VU')

export const options = loadOptions(settings)

export default async function chat(): Promise<void> {
  const { nodes, secret, run, users, vus, bodyBytes } = settings
  const tally = new Tally(vuIndex(), measureFromMs(settings), sink)
  const own: User[] = []
  try {
    const arriving: Promise<void>[] = []
    for (let pair = vuIndex(); pair < users / 2; pair += vus)
      for (const side of [0, 1]) {
        const name = `${run}-${pair}-${side}`
        const node = nodes[(pair + side) % nodes.length] ?? ''
        const user = new User(name, tally, {
          onShown: message => {
            if (message.to === name) tally.shown(message.clientMessageId, nowMs())
          },
          onFrame: frame => {
            if (frame.type === 'stored') tally.stored(frame.clientMessageId, nowMs())
            else if (frame.type === 'refused') tally.refused(frame.ref, nowMs())
          },
        })
        own.push(user)
        arriving.push(user.connect(node, login(node, name, secret)))
      }
    await Promise.all(arriving)
    await pace(settings, tally, ({ number, intendedMs }) => {
      const sender = own[number % own.length]
      // Pairs stand side by side.
      const partner = own[(number % own.length) ^ 1]
      const id = messageId(Date.now(), vuIndex(), number)
      tally.sent(id, intendedMs, nowMs())
      sender?.send(partner?.name ?? '', id, `${number} `.padEnd(bodyBytes, '.'))
    })
  } catch (error) {
    // An error in one VU would leave the others to finish a test that measures something else.
    exec.test.abort(error instanceof Error ? error.message : String(error))
  } finally {
    for (const user of own) user.close()
  }
}

export const handleSummary = summaryLine
