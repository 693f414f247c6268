/** One child at a time, and every signal that reaches us reaches it once. */
import { constants } from 'node:os'
import { procText, statOf } from '../../scenarios/lab/runtime/proc.mjs'

let current
let received
let forwardedAtMs = Number.NEGATIVE_INFINITY

/** Equal signals within this are one: npm repeats what the whole group got. */
const SAME_SIGNAL_MS = 300

export const exitCodeOf = signal => 128 + (constants.signals[signal] ?? 1)

/** Whether a terminal's Ctrl-C reaches us and our child. */
const inForeground = () => statOf('self')?.inForeground ?? process.stdin.isTTY === true

/** Signals for npm end npm and its shell only. Calls `then` when either is gone. */
function onceNpmIsGone(then) {
  const shell = process.ppid
  const npm = statOf(shell)?.parent
  // Not on Linux: not watched.
  if (process.env['npm_lifecycle_event'] === undefined || !/-c\0.*run\.mjs/.test(procText(`${shell}/cmdline`))) return
  const timer = setInterval(() => {
    if (process.ppid === shell && statOf(shell)?.parent === npm) return
    clearInterval(timer)
    then()
  }, 500)
  timer.unref()
}

/** From now on a signal ends the child and us; without a child, us (exit handlers run). */
export function forwardSignals() {
  const pass = signal => {
    received = signal
    if (current === undefined) process.exit(exitCodeOf(signal))
    const nowMs = performance.now()
    if ((signal === 'SIGINT' && inForeground()) || nowMs - forwardedAtMs < SAME_SIGNAL_MS) return
    forwardedAtMs = nowMs
    current.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass)
  onceNpmIsGone(() => pass('SIGTERM'))
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
