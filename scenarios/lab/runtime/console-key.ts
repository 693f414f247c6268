import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { cacheFolder } from './cache.mjs'
import { CONSOLE_TOKEN } from './console-process.ts'
import { type LabState, NEW_PART } from './state.ts'

/** Port and token of a lab's live page outlive the lab: a page that stays open finds the next lab
 *  of that name again. They are kept in the user's cache, for this user alone. */

const ConsoleKey = z.object({ port: z.int().min(1).max(65_535).optional(), token: z.string().min(20) })
type ConsoleKey = z.infer<typeof ConsoleKey>

const fileOf = (folder: string) => join(cacheFolder(), 'console', `${createHash('sha256').update(folder).digest('hex').slice(0, 20)}.json`)

/** Starts a lab whose page has the token, and if it is free the port, of the lab before it. */
export async function withConsoleKey<T>(folder: string, state: LabState, begin: () => Promise<T>): Promise<T> {
  if (state.plan.console !== true) return begin()
  const { token, port } = await known(folder)
  state.passwords[CONSOLE_TOKEN] = token
  if (port !== undefined && !state.fixedPorts) state.parts['console'] = { ...NEW_PART, ports: { http: port } }
  const begun = await begin()
  const own = state.parts['console']?.ports['http']
  await keep(folder, { token, ...(own === undefined ? {} : { port: own }) })
  return begun
}

async function known(folder: string): Promise<ConsoleKey> {
  try {
    return ConsoleKey.parse(JSON.parse(await readFile(fileOf(folder), 'utf8')))
  } catch {
    return { token: randomBytes(24).toString('base64url') }
  }
}

/** A cache that cannot be written costs an open page its way back, nothing else. */
async function keep(folder: string, key: ConsoleKey): Promise<void> {
  const file = fileOf(folder)
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, JSON.stringify(key), { mode: 0o600 })
  } catch {}
}
