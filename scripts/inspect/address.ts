import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { LabError } from '#lab'
import type { ManagementAddress } from '../../scenarios/lab/own-broker/management-api.ts'
import { unreadable } from '../setup/program.ts'

/** Where the password may stand. Never on the command line: others see that, and shells keep it. */
const PASSWORD_VARIABLE = 'INSPECT_PASSWORD'

export const isAddress = (given: string) => /^https?:\/\//i.test(given)

/** Throws BAD_BROKER_ADDRESS. Asks for the password on a terminal. */
export async function brokerAddress(given: string, caFile: string | undefined): Promise<ManagementAddress> {
  const url = URL.parse(given)
  if (url === null || url.hostname === '') throw bad(`expected http://USER@HOST:15672, got ${JSON.stringify(given)}`)
  if (url.password !== '')
    throw bad(`the address holds a password, and stays in your shell's history.\nSet it instead: export ${PASSWORD_VARIABLE}=…`)
  const user = decodeURIComponent(url.username)
  if (user === '') throw bad('expected a user before the host, got none.\nLike this: npm run inspect -- http://monitor@HOST:15672')
  url.username = ''
  const ca = caFile === undefined ? undefined : authorities(caFile)
  return { url, user, password: process.env[PASSWORD_VARIABLE] ?? (await askPassword(user)), ca }
}

function authorities(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw bad(`--ca: ${unreadable(file, error)}`)
  }
}

async function askPassword(user: string): Promise<string> {
  if (!process.stdin.isTTY) throw bad(`the password of ${user} is missing.\nSet it: export ${PASSWORD_VARIABLE}=…`)
  process.stderr.write(`Password of ${user}: `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const line = createInterface({ input: process.stdin, output: silent, terminal: true })
  const cancelled = Promise.withResolvers<never>()
  line.once('SIGINT', () => cancelled.reject(new LabError('INTERRUPTED', 'interrupted')))
  try {
    return await Promise.race([line.question(''), cancelled.promise])
  } finally {
    line.close()
    process.stderr.write('\n')
  }
}

function bad(text: string): LabError {
  return new LabError('BAD_BROKER_ADDRESS', text)
}
