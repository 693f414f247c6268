import { eventsOf, sendKey } from '../history.ts'
import { breach, check } from '../verdict.ts'
import { onlineSpans } from './devices.ts'

/** Messages come at once. Notices of a prompt's place: asker-told.ts. */

/** Builds a check that devices online see a message soon. A device that loses its node meanwhile is
 *  not judged: it resumes.
 *  @param withinMs from sending to showing */
export function deliveredPromptly(withinMs: number) {
  return check(
    'delivered-promptly',
    `A message is shown on every device that is online, its sender's too, within ${withinMs} ms.`,
    history => {
      const stored = new Set(eventsOf(history, 'stored').map(event => sendKey(event.user, event.clientMessageId)))
      const shown = new Map(eventsOf(history, 'shown').map(event => [`${event.device}:${event.sender}:${event.clientMessageId}`, event]))
      const devices = onlineSpans(history)
      let judged = 0
      const breaches = []
      for (const send of eventsOf(history, 'send')) {
        if (!stored.has(sendKey(send.user, send.clientMessageId))) continue
        for (const { user, device, fromMs, toMs } of devices) {
          if (user !== send.user && user !== send.to) continue
          if (fromMs > send.atMs || toMs < send.atMs + withinMs) continue
          judged += 1
          const event = shown.get(`${device}:${send.user}:${send.clientMessageId}`)
          if (event !== undefined && event.atMs - send.atMs <= withinMs) continue
          const values = { device, user, sender: send.user, message: send.clientMessageId }
          breaches.push(
            event === undefined
              ? breach('not-shown', values, send)
              : breach('shown-late', { ...values, tookMs: event.atMs - send.atMs, limitMs: withinMs }, send, event),
          )
        }
      }
      return { judged, of: 'deliveries-to-devices-online', breaches }
    },
    { timed: true },
  )
}
