/** What the comparison needs beside the product: Redis, and the peers' packages in the cache. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from '#contracts/setup-error'
import { cacheFolder } from '../../scenarios/lab/runtime/cache.mjs'
import { withLock } from '../../scenarios/lab/runtime/lock.mjs'
import { ensurePrograms } from '../setup/install.ts'
import { programPath } from '../setup/machine.ts'
import { npm } from '../setup/toolchain.mjs'

const PACKAGES = join(import.meta.dirname, '..', '..', 'loadtest', 'peers', 'packages')
const FILES = ['package.json', 'package-lock.json']
const REDIS = 'redis-server'

/** Path of `redis-server`. Throws REDIS_MISSING, and what apt does. */
export async function ensureRedis(install: boolean, say: (text: string) => void): Promise<string> {
  if (programPath(REDIS) === undefined && !install)
    throw new SetupError(
      'REDIS_MISSING',
      `${REDIS} is not on this machine, and --no-install forbids installing it. Type:\n  sudo apt-get install -y --no-install-recommends ${REDIS}`,
    )
  await ensurePrograms({ [REDIS]: REDIS }, say)
  const path = programPath(REDIS)
  if (path === undefined) throw new SetupError('REDIS_MISSING', `apt succeeded but there is no ${REDIS} in PATH. See:\n  dpkg -L ${REDIS}`)
  return path
}

/** The packages of the peers, installed once per lock file. @returns their folder. Throws
 *  PEERS_MISSING with npm's last words. */
export async function ensurePeerPackages(say: (text: string) => void, cache = cacheFolder()): Promise<string> {
  const lock = await readFile(join(PACKAGES, 'package-lock.json'))
  const hash = createHash('sha256').update(lock).digest('hex').slice(0, 12)
  const folder = join(cache, `peers-${hash}-${process.platform}-${process.arch}-${process.versions.modules}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  const waiting = (pid: number) => say(`Another command (process ${pid}) installs the peers; waiting for it.`)
  await withLock(`${folder}.lock`, waiting, async (addOwner: (pid: number) => void) => {
    if (existsSync(folder)) return
    say(`Installing the peers (Socket.IO, BullMQ …) into ${folder}: once …`)
    const partial = `${folder}.partial`
    await rm(partial, { recursive: true, force: true })
    await mkdir(partial)
    for (const file of FILES) await cp(join(PACKAGES, file), join(partial, file))
    // Native parts are in the packages, ready made: no script has to run.
    const { ok, output } = await npm(process.execPath, partial, ['ci', '--ignore-scripts'], addOwner)
    if (!ok) {
      await rm(partial, { recursive: true, force: true })
      throw new SetupError(
        'PEERS_MISSING',
        `${output}\nnpm could not install the peers. To see it for yourself:\n  cd ${PACKAGES} && npm ci`,
      )
    }
    await rename(partial, folder)
  })
  return folder
}
