import { type EventOf, eventsOf, sendKey, sendsOf } from '../history.ts'
import { breach, check } from '../verdict.ts'
import { devicesByUser } from './devices.ts'

/** Checks of the chat path: what was accepted is seen, once, in order, by the right people. */

type Shown = EventOf<'shown'>

/** Shown events of each device, in the order of showing. */
function byDevice(shown: Shown[]): Map<string, Shown[]> {
  const devices = new Map<string, Shown[]>()
  for (const event of shown) {
    const list = devices.get(event.device)
    if (list === undefined) devices.set(event.device, [event])
    else list.push(event)
  }
  return devices
}

export const lost = check(
  'lost',
  'Every message whose sender saw "stored" is seen by every device of both members.',
  history => {
    const sends = sendsOf(history)
    const devices = devicesByUser(history)
    const seen = new Set(eventsOf(history, 'shown').map(event => `${event.device}:${event.sender}:${event.clientMessageId}`))
    // The design `article` promises nothing: each send counts as accepted, as its user believes.
    const accepted: (EventOf<'stored'> | EventOf<'send'>)[] = history.sequenced ? eventsOf(history, 'stored') : eventsOf(history, 'send')
    const once = new Map(accepted.map(event => [sendKey(event.user, event.clientMessageId), event]))
    const breaches = []
    for (const [key, event] of once) {
      const send = sends.get(key)
      const to = send?.to
      for (const member of new Set([event.user, ...(to === undefined || to === history.robot ? [] : [to])])) {
        for (const device of devices.get(member) ?? []) {
          if (!seen.has(`${device}:${event.user}:${event.clientMessageId}`)) {
            const values = { device, user: member, sender: event.user, message: event.clientMessageId }
            breaches.push(breach('not-shown', values, ...(send === undefined ? [] : [send]), event))
          }
        }
      }
    }
    return { judged: once.size, of: 'accepted-messages', breaches }
  },
  { needsRest: true },
)

export const phantom = check('phantom', 'Nothing is shown that nobody sent; answers belong to a task.', history => {
  const sent = new Set(eventsOf(history, 'send').map(event => sendKey(event.user, event.clientMessageId)))
  const shown = eventsOf(history, 'shown')
  const breaches = shown
    .filter(event => (event.sender === history.robot ? event.task === undefined : !sent.has(sendKey(event.sender, event.clientMessageId))))
    .map(event => breach('never-sent', { device: event.device, message: event.clientMessageId, sender: event.sender }, event))
  return { judged: shown.length, of: 'shown-messages', breaches }
})

export const duplicate = check('duplicate', 'No device shows a message twice.', history => {
  const shown = eventsOf(history, 'shown')
  const first = new Map<string, Shown>()
  const breaches = []
  for (const event of shown) {
    const key = `${event.device}:${event.sender}:${event.clientMessageId}`
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, event)
    else breaches.push(breach('shown-twice', { device: event.device, message: event.clientMessageId }, earlier, event))
  }
  return { judged: shown.length, of: 'shown-messages', breaches }
})

export const order = check('order', 'Each device shows a conversation in seq order, from its first message on without a gap.', history => {
  if (!history.sequenced) return { judged: 0, of: 'sequenced-messages' }
  const breaches = []
  let judged = 0
  for (const [device, list] of byDevice(eventsOf(history, 'shown'))) {
    const last = new Map<string, Shown>()
    for (const event of list) {
      judged += 1
      const before = last.get(event.conversation)
      if (before !== undefined && (event.seq < before.seq || event.seq > before.seq + 1)) {
        const code = event.seq < before.seq ? 'out-of-order' : 'gap'
        breaches.push(breach(code, { device, seq: event.seq, after: before.seq }, before, event))
      }
      last.set(event.conversation, event)
    }
  }
  return { judged, of: 'sequenced-messages', breaches }
})

export const wrongAddressee = check('wrong-addressee', 'Only the sender and the addressee see a message.', history => {
  const sends = sendsOf(history)
  // Whose prompt: as the asker saw it, else by the database, which may store no tasks.
  const askers = new Map(eventsOf(history, 'task-row').map(row => [row.task, row.asker]))
  for (const { task, user } of eventsOf(history, 'stored')) if (task !== undefined) askers.set(task, user)
  const breaches = []
  let judged = 0
  for (const event of eventsOf(history, 'shown')) {
    const send = sends.get(sendKey(event.sender, event.clientMessageId))
    const asker = event.sender === history.robot ? askers.get(event.task ?? '') : undefined
    const between = send !== undefined ? [send.user, send.to] : asker === undefined ? undefined : [asker, history.robot]
    if (between === undefined) continue // Neither sent nor an answer: `phantom` judges that.
    judged += 1
    if (between.includes(event.user)) continue
    const [from = '', to = ''] = between
    const values = { user: event.user, message: event.clientMessageId, from, to }
    breaches.push(breach('wrong-addressee', values, ...(send === undefined ? [] : [send]), event))
  }
  return { judged, of: 'shown-messages-whose-members-are-known', breaches }
})
