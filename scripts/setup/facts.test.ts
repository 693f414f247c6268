import { expect, test } from 'vitest'
import { systemFacts } from './facts.ts'
import { folderTrouble, machineRoom, roomRows } from './room.ts'

test('every row that is not as needed says what to do, the others nothing', async () => {
  const facts = await systemFacts()
  expect(facts.map(fact => fact.check)).toEqual(
    expect.arrayContaining(['system', 'Node', 'npm', 'RabbitMQ', 'Postgres', 'memory', 'folder of labs', 'cache', 'Docker']),
  )
  for (const fact of facts) expect(fact.fix === '', fact.check).toBe(fact.ok && !fact.warning)
})

const ROOM = { cores: 2, freeGib: 8, totalGib: 16, diskGib: 50, diskOf: '/tmp' }
const states = (change: Partial<typeof ROOM>) =>
  roomRows({ ...ROOM, ...change }).map(({ ok, warning }) => (ok ? (warning ? '!' : 'ok') : 'missing'))

test.each([
  ['enough of all', {}, ['ok', 'ok', 'ok']],
  ['a server with 2 GB', { freeGib: 1.5, totalGib: 1.9 }, ['ok', '!', 'ok']],
  ['one core', { cores: 1 }, ['!', 'ok', 'ok']],
  ['no memory for a broker', { freeGib: 0.5 }, ['ok', 'missing', 'ok']],
  ['little disk', { diskGib: 1 }, ['ok', 'ok', '!']],
  ['no disk', { diskGib: 0.2 }, ['ok', 'ok', 'missing']],
])('%s', (_, change, expected) => expect(states(change)).toEqual(expected))

test('a warning names the roles that it concerns', () => {
  expect(roomRows({ ...ROOM, freeGib: 1.6 })[1]).toMatchObject({ fix: 'close programs before: load, containers' })
})

test('the limits of a container count where they are lower', () => {
  const files: Record<string, string> = {
    '/proc/meminfo': 'MemAvailable:   16777216 kB\n',
    '/sys/fs/cgroup/memory.max': `${1.5 * 2 ** 30}\n`,
    '/sys/fs/cgroup/memory.current': `${0.5 * 2 ** 30}\n`,
    '/sys/fs/cgroup/cpu.max': '100000 100000\n',
  }
  expect(machineRoom(path => files[path] ?? '')).toEqual({ cores: 1, freeGib: 1, totalGib: 1.5 })
  const free = { ...files, '/sys/fs/cgroup/memory.max': 'max\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }
  expect(machineRoom(path => free[path as keyof typeof free] ?? '')).toMatchObject({ freeGib: 16 })
})

test('folders: one that is to come counts by its parent; a file, a blank and a missing folder are reported', async () => {
  expect(await folderTrouble(`${import.meta.dirname}/not/there`)).toBeUndefined()
  expect(await folderTrouble(`${import.meta.filename}/labs`)).toMatchObject({ found: expect.stringContaining('ENOTDIR') })
  expect(await folderTrouble('/tmp/my labs', false)).toMatchObject({
    found: expect.stringContaining('a blank in its path'),
    fix: expect.stringContaining('PREFETCH_LAB_HOME'),
  })
  expect(await folderTrouble('/proc/labs')).toMatchObject({ fix: expect.stringContaining('PREFETCH_LAB_HOME') })
})
