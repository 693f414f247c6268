import { basename, dirname, join } from 'node:path'
import { COMPILE_CACHE, launchMarked, type PartProcess } from './part-process.ts'
import { missingAt } from './service.ts'

/** The live page's server, on this machine. It works for the lab from outside, as a command does,
 *  and so finds it by its name. */

const MAIN = join(import.meta.dirname, '..', '..', '..', 'scripts', 'lab', 'console.ts')
/** Of its token among the lab's passwords. */
export const CONSOLE_TOKEN = 'console'

export const CONSOLE: PartProcess = {
  ports: ['http'],
  stopSignal: 'SIGTERM',
  launch: async context => [
    await launchMarked(context, {
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', MAIN],
      env: {
        PART_NAME: context.part.name,
        PORT: String(context.ports['http']),
        CONSOLE_TOKEN: context.passwords[CONSOLE_TOKEN] ?? '',
        LAB_NAME: basename(context.folder),
        PREFETCH_LAB_HOME: dirname(context.folder),
        NODE_COMPILE_CACHE: COMPILE_CACHE,
      },
    }),
  ],
  missing: (context, signal) => missingAt(context.ports['http'], signal),
  // In the fragment the token goes to no server and into no log.
  urls: (ports, _, passwords) => ({ http: `http://127.0.0.1:${ports['http']}/#${passwords[CONSOLE_TOKEN] ?? ''}` }),
}
