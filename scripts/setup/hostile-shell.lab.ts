import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attachLab } from '#lab'
import { type TestHome, testHome } from '../lab/test-home.ts'
import { HOSTILE } from './hostile.ts'

/** A lab started, used and ended in a hostile shell. */

const ROOT = join(import.meta.dirname, '..', '..')
let home: TestHome
let user: string
beforeAll(async () => {
  home = await testHome('hostile')
  user = await mkdtemp(join(tmpdir(), 'hostile-user-'))
})
afterAll(async () => {
  await command('lab', 'down').catch(() => undefined)
  await home.remove()
  await rm(user, { recursive: true })
})

/** Through the entry, as npm does. NODE_OPTIONS that Node refuses would end npm first. */
async function command(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const proxies = { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9', ALL_PROXY: 'http://127.0.0.1:9', NO_PROXY: '' }
  const node = { NODE_OPTIONS: '--max-old-space-size=512 --no-deprecation' }
  const cache = process.env['PREFETCH_LAB_CACHE']
  const env = {
    ...HOSTILE,
    ...proxies,
    ...node,
    ...(cache === undefined ? {} : { PREFETCH_LAB_CACHE: cache }),
    TZ: 'Nowhere/Nothing',
    PATH: process.env['PATH'],
    HOME: user,
    PREFETCH_LAB_HOME: home.labs,
    PREFETCH_LAB_RUNTIME: 'native',
  }
  return promisify(execFile)(process.execPath, ['scripts/run.mjs', ...args], { cwd: ROOT, env })
}

test('up, chat, status, down: nothing of the shell comes through', async () => {
  await writeFile(join(user, '.pgpass'), '*:*:*:*:wrong\n', { mode: 0o600 })
  await writeFile(join(user, '.pg_service.conf'), '[nowhere]\nhost=/nowhere\n')
  await writeFile(join(user, '.erlang'), 'nonsense.\n')
  await writeFile(join(user, '.erlang.cookie'), 'another', { mode: 0o400 })

  await command('lab', 'up', '--time-scale', '50')
  const status = JSON.parse((await command('lab', 'status', '--json')).stdout) as { parts: { name: string; state: string }[] }
  expect(status.parts.length).toBeGreaterThanOrEqual(8)
  expect(status.parts.filter(({ state }) => state !== 'ready')).toEqual([])

  process.env['PREFETCH_LAB_HOME'] = home.labs
  await using lab = await attachLab()
  const own = await lab.shownSettings('worker-fast')
  expect(own).toMatchObject({ workerPrefetchTasks: 1, design: 'sound' })
  await using ann = await lab.client('ann')
  const seen: string[] = []
  await using _bob = await lab.client('bob', { nodes: ['im-b'], on: { message: ({ body }) => seen.push(body) } })
  expect(await ann.send('bob', 'hello')).toMatchObject({ state: 'stored' })
  await lab.until('bob sees it', () => seen, { equals: ['hello'], withinMs: 60_000 })
  expect(await lab.sql('select body from messages')).toEqual([{ body: 'hello' }])

  expect((await command('lab', 'down')).stdout).toMatch(/nothing of it is left/)
  await home.nothingLeft()
})
