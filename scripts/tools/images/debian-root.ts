import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx'
import { SetupError } from '#contracts/setup-error'
import { machineMirror } from '../bootstrap/sources.ts'

/** A tar of Debian packages of some suite, from the mirror that this machine uses. */

/** What no container reads. */
const LEFT_OUT = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/info/*', '/usr/share/locale/*', '/usr/share/lintian/*']

export interface RootOptions {
  suite: string
  packages: readonly string[]
  /** Installed, or files alone. */
  variant: 'minbase' | 'extract'
  /** A script that gets the root's path. */
  finish?: string
  signal: AbortSignal
}

/** Writes the tar. Throws SetupError with the last lines of output. */
export async function makeRoot(tar: string, { suite, packages, variant, finish, signal }: RootOptions): Promise<void> {
  const { uri, apt } = machineMirror()
  const options = [
    `--variant=${variant}`,
    `--include=${packages.join(',')}`,
    ...apt.map(option => `--aptopt=${option}`),
    // A mirror may be a copy of an earlier day.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    ...LEFT_OUT.map(path => `--dpkgopt=path-exclude=${path}`),
    ...(finish === undefined ? [] : [`--customize-hook=sh '${finish.replaceAll("'", String.raw`'\''`)}' "$1"`]),
  ]
  const { exitCode, stderr } = await $({
    quiet: true,
    nothrow: true,
    signal,
  })`mmdebstrap ${options} ${suite} ${tar} ${`deb ${uri} ${suite} main`}`
  signal.throwIfAborted()
  if (exitCode !== 0)
    throw new SetupError(
      'INSTALL_FAILED',
      `${stderr.trim().split('\n').slice(-12).join('\n')}\nmmdebstrap could not make ${packages.join(', ')} of ${suite}.`,
    )
}

/** Adds root's files, readable by all. @param paths below `folder`, and in the root */
export async function appendTo(tar: string, folder: string, paths: readonly string[], signal: AbortSignal): Promise<void> {
  await $({ quiet: true, signal })`tar --append --file ${tar} --owner=0 --group=0 --mode=a+rX --directory ${folder} ${paths}`
}

/** A folder for tars, gone with its handle. */
export async function workFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'prefetch-lab-images-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
