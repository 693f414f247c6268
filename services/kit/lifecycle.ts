import { EXIT } from '#contracts/parts'
import { createLog, type Log } from './log.ts'

/** A part must stop within this, or it is ended. Milliseconds. */
const STOP_WITHIN_MS = 15_000

/** Runs a part until SIGTERM or SIGINT, then disposes it and exits 0. Exits 3 on bad settings, 2 on
 *  a taken port or file, 70 on a bug. @param start returns what to dispose. */
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
