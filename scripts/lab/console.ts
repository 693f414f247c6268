/** The live page's process: `lab:up` starts it as the part `console`. */
import { join } from 'node:path'
import { z } from 'zod'
import { PartEnv } from '#contracts/parts'
import { Console } from '../../scenarios/console/console.ts'
import { ConsoleServer } from '../../scenarios/console/server.ts'
import { readEnv } from '../../services/kit/env.ts'
import { runPart } from '../../services/kit/lifecycle.ts'
import { builtPage } from '../tools/page/built.ts'

const ConsoleEnv = PartEnv.extend({
  /** What a page must know to be answered. */
  CONSOLE_TOKEN: z.string().min(20),
  LAB_NAME: z.string().min(1),
})

const ROOT = join(import.meta.dirname, '..', '..')

await runPart('console', async log => {
  const env = readEnv(ConsoleEnv, process.env)
  await using stack = new AsyncDisposableStack()
  const own = stack.use(await Console.open(env.LAB_NAME))
  let page: Promise<string> | undefined
  const served = {
    join: own.join.bind(own),
    act: own.act.bind(own),
    // Built when the first browser asks: most labs never show it.
    page: () => {
      page ??= builtPage(ROOT)
      page.catch(() => {
        page = undefined
      })
      return page
    },
  }
  const server = stack.use(await ConsoleServer.listen(served, { port: env.PORT, token: env.CONSOLE_TOKEN }))
  log.info({ port: server.port }, 'listening')
  return stack.move()
})
