import { EXIT } from '#contracts/parts'
import { createLog, type Log } from './log.ts'

/** A part that does not stop by itself within this is ended: a supervisor must never wait for ever. Milliseconds. */
const STOP_WITHIN_MS = 15_000

/** Runs one part: starts it, waits for SIGTERM or SIGINT, disposes it once, exits 0. A wrong environment or setting exits 3, a port or file that cannot be had 2, anything unexpected 70.
 *  @param start returns what must be disposed; `log` carries the part's name. */
export async function runPart(name: string, start: (log: Log) => Promise<AsyncDisposable>): Promise<void> {
  const log = createLog(name)
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event)
      process.exit(EXIT.bug)
    })
  }
  const stopped = Promise.withResolvers<NodeJS.Signals>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopped.resolve(signal))
  let part: AsyncDisposable
  try {
    part = await start(log)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const usage = ['BAD_ENVIRONMENT', 'BAD_SETTING', 'UNKNOWN_GPU_PROFILE'].includes(code)
    log.fatal(usage ? { code } : { err: error, code }, error instanceof Error ? error.message : String(error))
    process.exit(usage ? EXIT.usage : /^E[A-Z]+$/.test(code) ? EXIT.environment : EXIT.bug)
  }
  const signal = await stopped.promise
  log.info({ signal }, 'stopping')
  setTimeout(() => {
    log.error({ withinMs: STOP_WITHIN_MS }, 'did not stop in time')
    process.exit(EXIT.bug)
  }, STOP_WITHIN_MS).unref()
  await part[Symbol.asyncDispose]()
  log.info('stopped')
  process.exit(EXIT.ok)
}
