import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from '#contracts/setup-error'
import { listening } from '../../scenarios/lab/runtime/proc.mjs'
import { programPath, type Rights, rightsToInstall } from './machine.ts'

/** AMQP, Erlang distribution, Erlang's port mapper, Redis: what the packages' services open. */
const SERVICE_PORTS = [5672, 25672, 4369, 6379]
const SCRIPT = join(import.meta.dirname, 'quiet-install.sh')
/** Written by the script before it changes anything, removed when everything is put right. */
const UNFINISHED = '/var/lib/prefetch-lab/installing'

/** As root. Output goes to a file, so that it can finish if we are killed. */
async function asRoot(rights: Rights, args: string[]): Promise<{ ok: boolean; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'prefetch-lab-install-'))
  const file = await open(join(folder, 'log'), 'w+')
  await rm(folder, { recursive: true }) // the open file stays, and nothing else, however we end
  try {
    const command = rights === 'root' ? [] : rights === 'sudo' ? ['sudo', '-n'] : ['sudo']
    const [program = 'sh', ...rest] = [...command, 'sh', SCRIPT, ...args]
    const status = await new Promise<number | null>((resolve, reject) => {
      spawn(program, rest, { stdio: ['inherit', file.fd, file.fd] })
        .once('error', reject)
        .once('close', resolve)
    })
    const { buffer, bytesRead } = await file.read(Buffer.alloc((await file.stat()).size + 1), { position: 0 })
    return { ok: status === 0, output: buffer.toString('utf8', 0, bytesRead).trim() }
  } finally {
    await file.close()
  }
}

/** Repairs a killed install: the earlier policy-rc.d, units that it enabled. */
export async function finishInterruptedInstall(rights: Rights, log: (line: string) => void): Promise<void> {
  if (!existsSync(UNFINISHED)) return
  if (rights !== 'root' && rights !== 'sudo') {
    log(`An install was interrupted. To put it right type:\n  sudo sh ${SCRIPT} finish`)
    return
  }
  log('An install has not finished; waiting for it, or putting right what it left …')
  const { ok, output } = await asRoot(rights, ['finish'])
  if (!ok)
    throw new SetupError(
      'INSTALL_FAILED',
      `${lastLines(output)}\nAn interrupted install could not be repaired. Type:\n  sudo dpkg --configure -a`,
    )
}

/** Installs a Debian package; none of its services starts, now or at the next boot. */
export async function installQuietly(packageName: string, rights: Rights): Promise<void> {
  const before = openPorts()
  const { ok, output } = await asRoot(rights, ['install', packageName])
  if (!ok)
    throw new SetupError(
      'INSTALL_FAILED',
      `${lastLines(output)}\napt could not install ${packageName}. To repeat it by hand:\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packageName}`,
    )
  const opened = openPorts().filter(port => !before.includes(port))
  if (opened.length > 0)
    throw new SetupError(
      'SERVICE_STARTED',
      `Installing ${packageName} opened port ${opened.join(', ')} although starts were denied. Type:\n  sudo systemctl disable --now ${packageName}`,
    )
}

/** Installs the apt packages of programs that are missing. Throws SetupError. */
export async function ensurePrograms(packageOf: Readonly<Record<string, string>>, say: (text: string) => void): Promise<void> {
  for (const [program, name] of Object.entries(packageOf)) {
    if (programPath(program) !== undefined) continue
    const rights = rightsToInstall()
    if (rights !== 'root' && rights !== 'sudo')
      throw new SetupError(
        'PACKAGES_MISSING',
        `${program} is not on this machine. Type:\n  sudo apt-get install -y --no-install-recommends ${name}`,
      )
    say(`Installing the apt package ${name}; none of its services is started or enabled …`)
    await installQuietly(name, rights)
  }
}

const openPorts = () => SERVICE_PORTS.filter(port => listening().some(socket => socket.port === port))
const lastLines = (text: string) => text.split('\n').slice(-20).join('\n')
