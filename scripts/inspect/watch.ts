import { LabError, pause } from '#lab'
import { inkOf } from '../../reports/demo/text.ts'
import { type Scene, screen } from '../../reports/inspect/screen.ts'
import { inspected } from '../../scenarios/inspect/findings.ts'
import { readBroker } from '../../scenarios/inspect/read.ts'
import { showUntil } from '../demo/terminal.ts'
import { stopSignal } from '../lab/stop.ts'
import { brokerAddress, isAddress } from './address.ts'

/** Channels report every five seconds: a shorter pause shows nothing new. */
const EVERY_MS = 5_000
const FRAMES_PER_SECOND = 2

/** Looks again and again, until a key or a signal. The first look's trouble ends it. */
export async function watchBroker(given: string, ca: string | undefined): Promise<void> {
  if (!isAddress(given)) throw new LabError('BAD_BROKER_ADDRESS', '--watch: expected the address of a broker, got a file')
  if (process.stdout.isTTY !== true)
    throw new LabError('BAD_BROKER_ADDRESS', '--watch: expected a terminal, got a pipe or a file.\nOnce, as text: drop --watch')
  const address = await brokerAddress(given, ca)
  const left = new AbortController()
  const stop = AbortSignal.any([stopSignal(), left.signal])
  let seen: Scene['seen']
  let trouble: string | undefined
  const looking = async () => {
    while (!stop.aborted) {
      try {
        seen = inspected(await readBroker(address, stop))
        trouble = undefined
      } catch (error) {
        if (stop.aborted) return
        if (seen === undefined || !(error instanceof LabError)) throw error
        trouble = error.message.split('\n')[0]
      }
      await pause(EVERY_MS, stop).catch(() => undefined)
    }
  }
  const ink = inkOf(process.stdout.getColorDepth())
  const draw = (columns: number, rows: number) => {
    const clock = new Date().toTimeString().slice(0, 8)
    return screen({ seen, trouble, clock, hint: 'q quits' }, columns, rows, ink)
  }
  await showUntil({ framesPerSecond: FRAMES_PER_SECOND, draw, onLeave: () => left.abort() }, looking())
}
