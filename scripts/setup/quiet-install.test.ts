import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** The script on folders of the test's own, with an apt-get that the test writes. */
const SCRIPT = join(import.meta.dirname, 'quiet-install.sh')
let root = ''
const at = (path: string) => join(root, path)
const env = () => ({
  ...process.env,
  PATH: `${at('bin')}:${process.env['PATH']}`,
  PREFETCH_LAB_POLICY: at('sbin/policy-rc.d'),
  PREFETCH_LAB_UNITS: at('systemd'),
  PREFETCH_LAB_BOOT: at('etc'),
  PREFETCH_LAB_STATE: at('state/installing'),
})
const script = (...args: string[]) => spawnSync('sh', [SCRIPT, ...args], { env: env(), encoding: 'utf8' })
const aptGet = (text: string) =>
  writeFileSync(at('bin/apt-get'), `#!/bin/sh\ncase "$*" in *update) exit ;; esac\ncd ${root}\n${text}\n`, { mode: 0o755 })
const ENABLES =
  'ln -s /lib/new.service systemd/wants/new.service; ln -s ../init.d/new etc/rc2.d/S01new; sbin/policy-rc.d new start; echo $? >asked'

/** Names, contents, modes, times and inode of everything that an install must not change. */
const state = () =>
  ['sbin', 'systemd/wants', 'etc/rc2.d', 'state'].map(folder => [
    folder,
    readdirSync(at(folder)).filter(name => name !== 'installing.lock' && name !== 'K01new'),
  ])
const policy = () => ({ text: readFileSync(at('sbin/policy-rc.d'), 'utf8'), ...pick(statSync(at('sbin/policy-rc.d'))) })
const pick = ({ mode, mtimeMs, ino }: { mode: number; mtimeMs: number; ino: number }) => ({ mode, mtimeMs, ino })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quiet-install-'))
  for (const folder of ['bin', 'sbin', 'systemd/wants', 'etc/rc2.d', 'state']) mkdirSync(at(folder), { recursive: true })
  symlinkSync('/lib/old.service', at('systemd/wants/old.service'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function ownPolicy() {
  writeFileSync(at('sbin/policy-rc.d'), '#!/bin/sh\nexit 104\n', { mode: 0o751 })
  utimesSync(at('sbin/policy-rc.d'), 1_000, 1_000)
}

const onLinux = test.skipIf(process.platform !== 'linux')

onLinux('starts are denied during the install; nothing new starts at boot; no policy is left', () => {
  aptGet(ENABLES)
  const before = state()
  expect(script('install', 'new').status).toBe(0)
  expect(readFileSync(at('asked'), 'utf8')).toBe('101\n')
  expect(state()).toEqual(before)
})

onLinux('a policy of the machine comes back as the very same file', () => {
  ownPolicy()
  aptGet(ENABLES)
  const before = [state(), policy()]
  expect(script('install', 'new').status).toBe(0)
  expect(readFileSync(at('asked'), 'utf8')).toBe('101\n')
  expect([state(), policy()]).toEqual(before)
})

onLinux('apt fails: so do we, with everything put right', () => {
  ownPolicy()
  aptGet(`${ENABLES}; echo "Unable to locate package"; exit 100`)
  const before = [state(), policy()]
  const run = script('install', 'new')
  expect(run.status).not.toBe(0)
  expect(run.stdout).toContain('Unable to locate package')
  expect([state(), policy()]).toEqual(before)
})

onLinux.each(['SIGKILL', 'SIGTERM'] as const)('%s in the middle: the next run repairs it', async signal => {
  ownPolicy()
  aptGet(`${ENABLES}; echo half; read never <hold`)
  execFileSync('sh', ['-c', 'mkfifo "$0"', at('hold')])
  const before = [state(), policy()]
  const child = spawn('sh', [SCRIPT, 'install', 'new'], { env: env(), stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  expect(policy().text).toContain('exit 101')
  child.kill(signal)
  writeFileSync(at('hold'), '') // apt-get ends
  await once(child, 'close')
  expect(script('finish').status).toBe(0)
  expect([state(), policy()]).toEqual(before)
})
