import exec from 'k6/execution'
import { clearInterval, setInterval, setTimeout } from 'k6/timers'
import { nowMs } from './clock.ts'
import { LOST_MARK, SECOND_MARK } from './report.ts'
import type { K6Settings } from './settings.ts'
import type { Tally } from './tally.ts'

// The types of k6 leave it out.
declare const console: { log(text: string): void }

const DRAIN_LOOK_MS = 20
/** Of one VU's lost messages; the counter has them all. */
const LOST_NAMED = 10

/** This VU, 0 first. */
export const vuIndex = (): number => exec.vu.idInTest - 1

/** When the measured part begins, on the clock of all VUs. Milliseconds. */
export const measureFromMs = ({ connectMs, warmUpMs }: K6Settings): number => connectMs + warmUpMs

export interface Send {
  /** 0 first, of this VU. */
  number: number
  intendedMs: number
}

/** Sends at the intended times, shared among VUs; drains; reports each second. An intended time
 *  never moves, so a stall counts for all sends due in it. */
export async function pace(settings: K6Settings, tally: Tally, send: (send: Send) => void): Promise<void> {
  const { connectMs, warmUpMs, forMs, drainMs, vus, ratePerSecond } = settings
  if (nowMs() > connectMs)
    throw new Error(`LAB_CONNECT_MS: not everybody was connected within ${connectMs} ms; expected fewer users or more time`)
  const seconds = setInterval(() => tell(tally, nowMs()), 1_000)
  const dueMs = (number: number) => connectMs + ((number * vus + vuIndex()) * 1_000) / ratePerSecond
  const endMs = connectMs + warmUpMs + forMs
  await new Promise<void>(resolve => {
    let number = 0
    const step = () => {
      for (; dueMs(number) < endMs && dueMs(number) <= nowMs(); number += 1) send({ number, intendedMs: dueMs(number) })
      if (dueMs(number) >= endMs) resolve()
      else setTimeout(step, Math.max(0, dueMs(number) - nowMs()))
    }
    setTimeout(step, Math.max(0, dueMs(0) - nowMs()))
  })
  await untilDrained(tally, endMs + drainMs)
  clearInterval(seconds)
  const lost = tally.end()
  // Only whole seconds are reported: round up.
  tell(tally, Math.max(nowMs(), endMs) + 1_000)
  if (lost.length > 0) console.log(`${LOST_MARK}${JSON.stringify(lost.slice(0, LOST_NAMED))}`)
}

function tell(tally: Tally, atMs: number): void {
  for (const part of tally.takeSeconds(atMs)) console.log(`${SECOND_MARK}${JSON.stringify(part)}`)
}

function untilDrained(tally: Tally, deadlineMs: number): Promise<void> {
  return new Promise(resolve => {
    const look = () => {
      if (tally.unsettled === 0 || nowMs() >= deadlineMs) resolve()
      else setTimeout(look, DRAIN_LOOK_MS)
    }
    look()
  })
}
