import { existsSync } from 'node:fs'
import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { $ } from 'zx'
import { PeersDocument } from '#evidence/peers-document'

/** A tiny comparison through the command: every message is counted, the run is stored, and so few
 *  repetitions decide nothing. */

const root = join(import.meta.dirname, '..', '..')
const command = (...args: string[]) => $({ cwd: root, nothrow: true, quiet: true })`node scripts/${args}`
const REDIS = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].some(existsSync)

test.skipIf(!REDIS)('ours beside Socket.IO and one INSERT each (needs redis-server)', async () => {
  const run = await command('load.ts', 'peers', '--only', '1-1000,2', '--repeat', '1', '--for', '500ms', '--no-install', '--json')
  expect(run.exitCode, run.stderr).toBe(4)
  const printed = JSON.parse(run.stdout) as PeersDocument & { folder: string }
  const document = PeersDocument.parse(printed)
  // Beside other tests the machine may be noisy, which is another reason to decide nothing.
  expect(document.targets.map(({ id, met }) => [id, met])).toEqual([
    [1, null],
    [2, null],
  ])
  for (const { system, samples } of document.systems)
    for (const sample of samples) {
      expect([system, sample.lost, sample.duplicates]).toEqual([system, 0, 0])
      expect(sample.perSecond).toBeGreaterThan(0)
      expect(Object.values(sample.rssMiB).every(mib => mib > 0)).toBe(true)
    }
  const ours = document.systems.find(({ system }) => system === 'ours')?.samples[0]
  expect(ours?.stored).toBe(ours?.sent)

  const folder = join(root, printed.folder)
  for (const file of ['report.html', 'report.md', 'junit.xml']) await access(join(folder, file))
  const again = await command('check.ts', folder)
  expect([again.exitCode, again.stdout]).toEqual([4, expect.stringMatching(/^UNKNOWN peers: 0 of 2 targets/)])
  await rm(folder, { recursive: true })
})

test('bad options are refused before anything starts', async () => {
  for (const [args, words] of [
    [['--only', '99'], /BAD_LOAD: --only: expected targets/],
    [['--only', ''], /BAD_LOAD: --only/],
    [['--for', '10ms'], /BAD_LOAD: --for: expected 500ms/],
    [['--runtime', 'compose'], /BAD_LOAD: peers runs as local processes/],
    [['--set', 'nonsense=1'], /BAD_SETTING/],
    [['--rate', '5'], /BAD_LOAD: --rate: peers has loads of its own/],
    [['--engine', 'k6'], /BAD_LOAD: --engine/],
  ] as const) {
    const run = await command('load.ts', 'peers', ...args)
    expect([run.exitCode, run.stderr]).toEqual([3, expect.stringMatching(words)])
  }
})
