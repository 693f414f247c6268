/** What the machine says about itself. Reading only. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { SetupError } from '#contracts/setup-error'

/** Text of a file, or empty: most of what is asked here may be absent. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** A program in PATH or the system folders, which a user's PATH may lack. */
export function programPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return folders.map(folder => join(folder, name)).find(existsSync)
}

/** A program that every Debian has. Throws SetupError. */
export function debianTool(name: string): string {
  const path = programPath(name)
  if (path !== undefined) return path
  throw new SetupError(
    'PACKAGES_MISSING',
    `expected the program ${name}, which Debian has in /usr/bin or /usr/sbin; it is not in PATH. Type:\n  export PATH=$PATH:/usr/sbin:/sbin`,
  )
}

/** Fields of /etc/os-release, unquoted. */
export function parseOsRelease(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .map(line => /^([A-Z_]+)=["']?(.*?)["']?$/.exec(line))
      .filter(match => match !== null)
      .map(([, key, value]) => [key ?? '', value ?? '']),
  )
}

/** Debian or one of its children (Ubuntu, Mint …). */
export function isDebianLike(osRelease: Record<string, string>): boolean {
  return [osRelease['ID'] ?? '', ...(osRelease['ID_LIKE'] ?? '').split(' ')].includes('debian')
}

/** How to become root: already, sudo, sudo with a password, or not at all. */
export type Rights = 'root' | 'sudo' | 'sudo-password' | 'none'

export function rightsToInstall(): Rights {
  if (process.getuid?.() === 0) return 'root'
  const sudo = programPath('sudo')
  if (sudo === undefined) return 'none'
  return spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? 'sudo' : 'sudo-password'
}

/** Version of the RabbitMQ that the system's package brought, from the name of its folder. */
export function rabbitmqVersion(): string | undefined {
  const folder = '/usr/lib/rabbitmq/lib'
  const found = existsSync(folder) ? readdirSync(folder).find(name => name.startsWith('rabbitmq_server-')) : undefined
  return found?.slice('rabbitmq_server-'.length)
}
