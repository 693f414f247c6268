/** One child at a time, and every signal that reaches us reaches it once. */
import { constants } from 'node:os'
import { statFields } from './lock.mjs'

let current
let received
let forwardedAtMs = Number.NEGATIVE_INFINITY

/** Two of one signal within this time are one: npm passes on what a terminal or `timeout` has sent to the whole group already. */
const SAME_SIGNAL_MS = 300

export const exitCodeOf = signal => 128 + (constants.signals[signal] ?? 1)

/** Whether a terminal's Ctrl-C goes to us and so, by itself, to our child. */
function inForeground() {
  try {
    const [, , group, , , foregroundGroup] = statFields('self')
    return group === foregroundGroup
  } catch {
    return process.stdin.isTTY === true
  }
}

/** From now on a signal ends the child, and us with it; without a child it ends us at once (exit handlers run). */
export function forwardSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      received = signal
      if (current === undefined) process.exit(exitCodeOf(signal))
      const nowMs = performance.now()
      if ((signal === 'SIGINT' && inForeground()) || nowMs - forwardedAtMs < SAME_SIGNAL_MS) return
      forwardedAtMs = nowMs
      current.kill(signal)
    })
}

/** Waits for a child's end. `error` is set when it could not be started at all. */
export async function ended(child) {
  current = child
  const end = await new Promise(resolve => {
    child.once('error', error => resolve({ code: null, signal: null, error }))
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  current = undefined
  return end
}

/** The signal that came while a child ran, if any. */
export const signalReceived = () => received
