/** Loaded before each command: an uncaught error exits with a code that is not a verdict, and names
 *  the culprit. A lost reader is not a failure, a full disk behind `> file` is. */
import { basename, dirname } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { printLastWords } from './trouble.mjs'

const [, script = ''] = process.argv

/** Workers and forks inherit this module; they answer to those who started them. */
if (isMainThread && dirname(script) === dirname(import.meta.dirname)) {
  const end = error => process.exit(printLastWords(error, `npm run ${basename(script, '.ts')}`))
  process.on('uncaughtException', end)
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', error => {
    // `| head` has seen enough; the command goes on to its verdict.
    if (error.code !== 'EPIPE') end(error)
  })
}
