import { eventsOf, type History } from '#evidence/history'
import { askedOf, windowOf } from '../model/asked.ts'
import { spansAbove, waitingSteps } from '../model/steps.ts'
import { idealWaits, type Sample, waitSamples } from '../model/waits.ts'
import { measured, quantileOf, rateOf, ratioOf } from './estimator.ts'
import type { Comparable } from './measure.ts'

/** What of a history can be compared with another's: waits for answers, deliveries of messages. Pure. */

/** Below this an ideal wait is nothing to divide by. Milliseconds. */
const IDEAL_LEAST_MS = 5

export function armMeasures(history: History): Comparable[] {
  return [...waitMeasures(history), ...deliveryMeasures(history)]
}

export function waitMeasures(history: History): Comparable[] {
  const window = windowOf(history)
  const asked = askedOf(history, window)
  if (asked.length === 0) return []
  const waits = waitSamples(asked, window)
  const about = 'from asking until the answer begins; who was never begun waited until the arm ended'
  const p95 = quantileOf(waits, 0.95)
  return [
    { measure: 'waitP50Ms', label: 'median wait', about, unit: 'ms', better: 'lower', estimator: quantileOf(waits, 0.5) },
    {
      measure: 'waitP95Ms',
      label: 'p95 wait',
      about,
      unit: 'ms',
      better: 'lower',
      estimator: p95,
      curve: { label: 'wait until the answer begins', values: waits.map(({ value }) => value) },
    },
    ...overIdeal(history, p95),
    {
      measure: 'answersPerBusySecond',
      label: 'starts per busy second',
      about: 'inferences begun per second of the time in which somebody waited',
      unit: 'perSecond',
      better: 'higher',
      estimator: rateOf(
        asked.flatMap(({ startedMs }) => (startedMs === undefined ? [] : [{ atMs: startedMs }])),
        spansAbove(waitingSteps(asked), window),
      ),
    },
  ]
}

/** Beside the ideal schedule of the same prompts: what the draws of a seed do to both goes out. */
function overIdeal(history: History, p95: Comparable['estimator']): Comparable[] {
  const ideal = idealWaits(history)
  if (ideal === undefined) return []
  const below = quantileOf(ideal, 0.95)
  if (!(measured(below) >= IDEAL_LEAST_MS)) return []
  return [
    {
      measure: 'waitOverIdeal',
      label: 'p95 wait over ideal',
      about: 'p95 wait divided by that of the ideal schedule of the same prompts and GPUs',
      unit: 'times',
      better: 'lower',
      estimator: ratioOf(p95, below),
    },
  ]
}

/** Messages between people, from the intended send until the first device of the addressee showed them. */
function deliveryMeasures(history: History): Comparable[] {
  const deliveries = deliverySamples(history)
  if (deliveries.length === 0) return []
  const about = 'from the intended send until a device of the addressee shows the message'
  return [
    { measure: 'deliveryP50Ms', label: 'median delivery', about, unit: 'ms', better: 'lower', estimator: quantileOf(deliveries, 0.5) },
    {
      measure: 'deliveryP95Ms',
      label: 'p95 delivery',
      about,
      unit: 'ms',
      better: 'lower',
      estimator: quantileOf(deliveries, 0.95),
      curve: { label: 'delivery to the addressee', values: deliveries.map(({ value }) => value) },
    },
  ]
}

export function deliverySamples(history: History): Sample[] {
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  const sends = new Map(
    eventsOf(history, 'send')
      .filter(send => send.to !== history.robot && send.atMs >= fromMs)
      .map(send => [`${send.user}:${send.clientMessageId}`, send]),
  )
  return eventsOf(history, 'shown').flatMap(({ user, sender, clientMessageId, atMs }) => {
    const key = `${sender}:${clientMessageId}`
    const send = sends.get(key)
    if (send === undefined || send.to !== user) return []
    sends.delete(key)
    const sentMs = send.dueMs ?? send.atMs
    return [{ atMs: sentMs, value: atMs - sentMs }]
  })
}
