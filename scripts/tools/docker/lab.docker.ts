import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attachLab, hostAddress, LabError, ModelTap, startLab, until } from '#lab'
import { docker } from '../../../scenarios/lab/runtime/compose/docker.ts'
import { containerOf, projectOf } from '../../../scenarios/lab/runtime/compose/project.ts'
import { run } from '../../lab/command.ts'
import type { StatusDocument } from '../../lab/status.ts'

/** The lab in containers, as its users have it. */

const PARTS = [
  ...['rabbitmq', 'postgres', 'im-a', 'im-b'],
  ...['gpu-fast', 'gpu-slow', 'gpu-third', 'worker-fast', 'worker-slow', 'worker-third'],
]
/** One GPU more than compose.yaml has. */
const UP = ['up', '--gpu', 'gpu-third=rtx-3060', '--set', 'worker-third:workerPrefetchTasks=2']
const IN_CLOUD = ['im-a', 'im-b', 'rabbitmq', 'postgres']
const WITHIN = { withinMs: 60_000 }

let home = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'docker-suite-'))
  await chmod(home, 0o711)
})
afterAll(async () => {
  await command('down').ended
  await rm(home, { recursive: true, force: true })
})

const command = (...args: string[]) => run(args, { PREFETCH_LAB_HOME: join(home, 'labs'), PREFETCH_LAB_RUNTIME: 'compose' })
const project = () => projectOf(join(home, 'labs', 'main'))
const container = (part: string) => containerOf(project(), part)

/** All that an engine keeps of a project. */
async function left(name: string): Promise<string[]> {
  const filter = ['--filter', `label=com.docker.compose.project=${name}`]
  const lists = [
    ['ps', '-a'],
    ['network', 'ls'],
    ['volume', 'ls'],
  ]
  const found = await Promise.all(lists.map(list => docker([...list, '-q', ...filter])))
  return found.flatMap(text => text.split('\n').filter(line => line !== ''))
}

/** Whether a container can connect to an address. Ours have Node, others a shell. */
async function reaches(from: string, host: string, port: number): Promise<boolean> {
  const script = `const socket = require('node:net').connect(${port}, '${host}', () => end('open')).on('error', () => end('closed'))
    setTimeout(() => end('closed'), 3_000)
    const end = what => { console.log(what); process.exit() }`
  const shell = `timeout 3 bash -c 'exec 3<>/dev/tcp/${host}/${port}' 2>/dev/null && echo open || echo closed`
  const command = from.startsWith('im-') ? ['node', '-e', script] : ['bash', '-c', shell]
  return (await docker(['exec', container(from), ...command])).trim() === 'open'
}

describe('a lab by its commands', () => {
  test('up: ten parts ready, in 2 GB what the cloud would need; up again finds them', async () => {
    const up = await command(...UP, '--json').ended
    expect(up.exitCode, up.stderr).toBe(0)
    const { lab, parts, workers } = JSON.parse(up.stdout) as StatusDocument
    expect(lab.runtime).toBe('compose')
    expect(parts.map(part => [part.name, part.state])).toEqual(PARTS.map(name => [name, 'ready']))
    expect(parts.find(({ name }) => name === 'gpu-third')?.gpuProfile).toBe('rtx-3060')
    expect(workers.map(({ prefetchTasks, held }) => [prefetchTasks, held])).toEqual([
      [1, 0],
      [1, 0],
      [2, 0],
    ])
    const cloud = parts.filter(part => IN_CLOUD.includes(part.name)).map(part => part.rssMiB)
    expect(cloud.every(mib => mib > 20)).toBe(true)
    expect(cloud.reduce((sum, mib) => sum + mib, 0)).toBeLessThan(2_048)
    expect((await command(...UP).ended).stdout).toMatch(/was up already/)
  })

  test('a message and an answer', async () => {
    process.env['PREFETCH_LAB_HOME'] = join(home, 'labs')
    await using lab = await attachLab('main')
    const [ann, bob] = [await lab.client('ann', { nodes: ['im-a'] }), await lab.client('bob', { nodes: ['im-b'] })]
    expect(await ann.send('bob', 'hello')).toMatchObject({ state: 'stored', seq: 1 })
    expect(await bob.ask('what is a prefetch?')).toMatchObject({ state: 'answered' })
    // Each of three idle workers takes one.
    const asked = await Promise.all(['one', 'two', 'three'].map(question => ann.ask(question)))
    expect(asked.map(({ state }) => state)).toEqual(Array(3).fill('answered'))
    expect((await lab.inferences('gpu-third')).map(({ worker }) => worker)).toContain('worker-third')
  })

  describe('nothing in the cloud can open a connection to a worker', () => {
    let address = ''
    let listening: string[] = []
    beforeAll(async () => {
      const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
      address = (await docker(['inspect', '--format', format, container('worker-fast')])).trim()
      const tables = await docker(['exec', container('worker-fast'), 'bash', '-c', 'echo "$(</proc/net/tcp)"; echo "$(</proc/net/tcp6)"'])
      listening = tables
        .split('\n')
        .map(line => line.trim().split(/\s+/))
        .filter(fields => fields[3] === '0A')
        .map(fields => fields[1] ?? '')
    })

    test('it listens on its own loopback and on no other address', () => {
      // Docker's own name server, on 127.0.0.11, is among them.
      expect(listening.length).toBeGreaterThan(0)
      expect(listening.filter(local => !/^([0-9A-F]{6}7F|0{24}01000000):/.test(local))).toEqual([])
    })

    test.each(IN_CLOUD)('%s finds it closed', async from => {
      expect(await reaches(from, address, 8080)).toBe(false)
    })

    test('though the broker stands on its network: it would reach a worker that listened there, and the nodes would not', async () => {
      const script = `require('node:net').createServer().listen(9999, '0.0.0.0'); setTimeout(process.exit, 60_000)`
      await docker(['exec', '--detach', container('worker-fast'), 'node', '-e', script])
      await until('the broker reaches it', () => reaches('rabbitmq', address, 9999), { equals: true, ...WITHIN })
      expect(await reaches('im-a', address, 9999)).toBe(false)
    })
  })

  test('a worker reaches a model server on the loopback of this machine through the tap, and not otherwise', async () => {
    const server = createServer((_, response) => response.end('{"version":"0.17.4"}')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await using tap = await ModelTap.open({ url, headers: {} }, await hostAddress('compose'))
    const seen = async (base: string) => {
      const script = `fetch('${base}/api/version').then(answer => answer.text()).then(console.log, () => console.log('closed'))`
      return (await docker(['exec', container('worker-fast'), 'node', '-e', script])).trim()
    }
    expect([await seen(tap.url), await seen(url)]).toEqual(['{"version":"0.17.4"}', 'closed'])
    server.close()
  })

  test('stop, kill, pause, resume, partition and heal, as on processes', async () => {
    await using lab = await attachLab('main')
    const state = async (name: string) => (await lab.status()).find(part => part.name === name)?.state
    await lab.pause('worker-slow')
    expect(await state('worker-slow')).toBe('paused')
    await lab.resume('worker-slow')
    await until('it goes on', () => state('worker-slow'), { equals: 'ready', ...WITHIN })
    await lab.kill('worker-slow')
    await lab.stop('worker-fast')
    expect([await state('worker-slow'), await state('worker-fast')]).toEqual(['stopped', 'stopped'])
    await lab.start('workers')
    await lab.partition('worker-fast')
    await until('its connections are missed', () => state('worker-fast'), { equals: 'not-ready', withinMs: 60_000 })
    await lab.heal('worker-fast')
    await until('it is back', () => state('worker-fast'), { equals: 'ready', withinMs: 60_000 })
  })

  test('down leaves nothing', async () => {
    expect((await left(project())).length).toBeGreaterThan(0)
    expect((await command('down').ended).stdout).toMatch(/nothing of it is left/)
    expect(await left(project())).toEqual([])
  })
})

test('kill -9 in mid-start: the next command clears it away', async () => {
  const up = command('up')
  await until('the first container runs', () => left(project()), { is: found => found.length > 4, withinMs: 60_000 })
  up.child.kill('SIGKILL')
  await up.ended
  expect(await command('down').ended).toMatchObject({ exitCode: 0 })
  expect(await left(project())).toEqual([])
})

test('a container that dies while it is awaited shows its last words', async () => {
  process.env['PREFETCH_LAB_HOME'] = join(home, 'private')
  const prefix = projectOf(join(home, 'private', 'x')).slice(0, -1)
  const find = async () => (await docker(['ps', '-q', '--filter', `name=${prefix}p-.*-postgres-1`])).trim()
  const starting = startLab({}, { runtime: 'compose' }).then(
    async lab => {
      await lab.down()
      return 'it came up'
    },
    (error: unknown) => error,
  )
  const id = await until('the database runs', find, { is: found => found !== '', withinMs: 60_000, everyMs: 5 })
  await until('it has said something', () => docker(['logs', id], { both: true }), {
    is: said => said !== '',
    withinMs: 60_000,
    everyMs: 5,
  })
  await docker(['kill', id])
  const error = await starting
  expect(error).toBeInstanceOf(LabError)
  expect(error).toMatchObject({
    code: 'PART_NOT_READY',
    message: expect.stringMatching(/postgres is not ready after [\d.]+ s: it is exited, exit code 137[\s\S]*database system/),
  })
})

test('containers of a lab whose folder is gone are cleared away by the next lab, in whichever home', async () => {
  process.env['PREFETCH_LAB_HOME'] = join(home, 'lost')
  const lost = await startLab({ gpus: [], workers: [], imNodes: [] }, { runtime: 'compose' })
  await lost.keep()
  const [name = ''] = await readdir(join(home, 'lost'))
  const forsaken = projectOf(join(home, 'lost', name))
  expect((await left(forsaken)).length).toBeGreaterThan(0)
  await rm(join(home, 'lost'), { recursive: true })
  process.env['PREFETCH_LAB_HOME'] = join(home, 'other')
  await using _ = await startLab({ gpus: [], workers: [], imNodes: [] }, { runtime: 'compose' })
  expect(await left(forsaken)).toEqual([])
})
