import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { USER_NAME, UserId } from '#contracts/ids'
import { ROBOT_NAME } from './commands.ts'

export const USAGE = `npm run chat -- --as USER [--on NODE] [--with USER] [--name LAB]
  --as USER            your name
  --on NODE            first IM node: im-a, im-b (default: the first); if it
                       dies, the next one takes over
  --with USER, --to    your partner (default: robot)
  --name LAB           name of the lab, if several run
  --wait SECONDS       piped input: wait for answers at its end (default 60)
Without a lab on this machine:
  --node URL           address of an IM node, such as http://127.0.0.1:8101;
                       repeatable
  --secret-file FILE   file with the lab's secret
Piped input has one command per line. Exit codes: 0 all stored and answered,
1 not all, 2 no lab, 3 usage, 4 unknown.`

export interface ChatArguments {
  as: string
  on: string | undefined
  /** undefined = the robot. */
  partner: string | undefined
  name: string | undefined
  waitMs: number
  /** Given by hand, without a lab. */
  remote: { nodes: string[]; secret: string } | undefined
}

/** Thrown for arguments that make no sense; says what was expected and what was seen. */
export class UsageError extends Error {}

/** `help` = print the usage and leave. */
export function parseArguments(args: readonly string[]): ChatArguments | 'help' {
  const text = { type: 'string' } as const
  const options = {
    as: text,
    on: text,
    with: text,
    to: text,
    name: text,
    wait: text,
    node: { type: 'string', multiple: true },
    'secret-file': text,
    help: { type: 'boolean', short: 'h' },
  } as const
  const given = (() => {
    try {
      return parseArgs({ args: [...args], options, allowPositionals: false }).values
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error))
    }
  })()
  if (given.help === true) return 'help'
  if (given.as === undefined) throw new UsageError('--as: expected your name, got nothing\nLike this: npm run chat -- --as ann')
  if (given.with !== undefined && given.to !== undefined && given.with !== given.to)
    throw new UsageError(`--with and --to mean the same, got ${given.with} and ${given.to}. Remove one`)
  const waitSeconds = Number(given.wait ?? 60)
  if (!(waitSeconds >= 0 && waitSeconds <= 86_400)) throw new UsageError(`--wait: expected seconds from 0 to 86400, got ${given.wait}`)
  const partner = given.with ?? given.to
  return {
    as: user('--as', given.as),
    on: given.on,
    partner: partner === undefined || partner === ROBOT_NAME ? undefined : user('--with', partner),
    name: given.name,
    waitMs: waitSeconds * 1_000,
    remote: remote(given.node, given['secret-file']),
  }
}

function user(option: string, name: string): string {
  const parsed = UserId.safeParse(name)
  if (!parsed.success) throw new UsageError(`${option}: expected ${USER_NAME}, got ${JSON.stringify(name)}`)
  return parsed.data
}

function remote(nodes: string[] | undefined, secretFile: string | undefined): ChatArguments['remote'] {
  if (nodes === undefined && secretFile === undefined) return undefined
  if (nodes === undefined || secretFile === undefined)
    throw new UsageError(nodes === undefined ? '--secret-file needs --node' : '--node needs --secret-file')
  for (const node of nodes)
    if (!/^https?:$/.test(URL.parse(node)?.protocol ?? ''))
      throw new UsageError(`--node: expected http://HOST:PORT, got ${JSON.stringify(node)}`)
  try {
    const secret = readFileSync(secretFile, 'utf8').trim()
    if (secret !== '') return { nodes, secret }
  } catch (error) {
    throw new UsageError(`--secret-file: ${error instanceof Error ? error.message : error}`)
  }
  throw new UsageError(`--secret-file: ${secretFile} is empty`)
}
