import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { $ } from 'zx'
import { docker } from '../../../scenarios/lab/runtime/compose/docker.ts'
import { imageNames, ROOT, servicesImage } from '../../../scenarios/lab/runtime/compose/images.ts'
import { run } from '../../lab/command.ts'
import { apart, bringImage, insideNetworkOf, skipsApart } from './apart.ts'
import { engineAt, type OwnEngine } from './engine.ts'

/** Engines elsewhere, or none: `--runtime compose` refuses within seconds, `auto` goes native. */

const REFUSES_WITHIN_MS = 15_000
const COMPOSE = join(ROOT, 'scenarios/lab/runtime/compose')

let folder = ''
const servers: Server[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'elsewhere-'))
  await chmod(folder, 0o711)
})
afterAll(async () => {
  for (const server of servers) server.close()
  await rm(folder, { recursive: true, force: true })
})

async function listening(server: Server, at: string | number): Promise<string> {
  servers.push(server)
  await (typeof at === 'string' ? once(server.listen(at), 'listening') : once(server.listen(at, '127.0.0.1'), 'listening'))
  return typeof at === 'string' ? `unix://${at}` : `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An engine as it speaks of itself. */
const fakeEngine = (KernelVersion: string) =>
  createHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'api-version': '1.41' })
    response.end(
      JSON.stringify({ Version: '99.9.9', ApiVersion: '1.41', MinAPIVersion: '1.12', Os: 'linux', Arch: 'amd64', KernelVersion }),
    )
  })

/** A socket whose listener was killed. */
async function stale(): Promise<string> {
  const path = join(folder, 'stale.sock')
  const owner = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`,
  ])
  await once(owner.stdout, 'data')
  owner.kill('SIGKILL')
  await once(owner, 'close')
  return `unix://${path}`
}

/** A context of Docker's command line, in a configuration of its own. */
async function context(host: string): Promise<Record<string, string | undefined>> {
  const env = { DOCKER_HOST: undefined, DOCKER_CONFIG: await mkdtemp(join(folder, 'config-')) }
  const quiet = $({ quiet: true, env: { ...process.env, ...env } })
  await quiet`docker context create far --docker host=${host}`
  await quiet`docker context use far`
  return env
}

/** Servers of a test; a client that goes away resets their sockets. */
const silent = () => createServer(socket => socket.on('error', () => undefined))
const greeting = () => createServer(socket => socket.on('error', () => undefined).end('hello\n'))
const CASES: [string, () => Promise<Record<string, string | undefined>>, string, RegExp][] = [
  ['another machine', async () => ({ DOCKER_HOST: 'tcp://192.0.2.99:2376' }), 'ENGINE_ELSEWHERE', /192\.0\.2\.99[\s\S]*unset DOCKER_HOST/],
  ['another machine over ssh', async () => ({ DOCKER_HOST: 'ssh://ann@engine.example' }), 'ENGINE_ELSEWHERE', /engine\.example/],
  ['a context of another machine', () => context('tcp://192.0.2.99:2376'), 'ENGINE_ELSEWHERE', /docker context use default/],
  [
    'a context that is not there',
    async () => ({ DOCKER_HOST: undefined, DOCKER_CONTEXT: 'nope' }),
    'ENGINE_MISSING',
    /unset DOCKER_CONTEXT/,
  ],
  [
    'Docker Desktop: a kernel of its own behind a socket of this machine',
    async () => ({ DOCKER_HOST: await listening(fakeEngine('6.10.14-linuxkit'), join(folder, 'desktop.sock')) }),
    'ENGINE_ELSEWHERE',
    /6\.10\.14-linuxkit/,
  ],
  [
    'a forwarded port of another machine',
    async () => ({ DOCKER_HOST: await listening(fakeEngine('5.4.0-generic'), 0) }),
    'ENGINE_ELSEWHERE',
    /5\.4\.0-generic/,
  ],
  [
    'a socket that accepts and is silent',
    async () => ({ DOCKER_HOST: await listening(silent(), join(folder, 'silent.sock')) }),
    'ENGINE_SILENT',
    /within 5 s/,
  ],
  ['a port that accepts and is silent', async () => ({ DOCKER_HOST: await listening(silent(), 0) }), 'ENGINE_SILENT', /within 5 s/],
  ['something else', async () => ({ DOCKER_HOST: await listening(greeting(), 0) }), 'ENGINE_MISSING', /cannot be used/],
  ['a socket that was left', async () => ({ DOCKER_HOST: await stale() }), 'ENGINE_MISSING', /nobody listens[\s\S]*sudo dockerd/],
  ['no socket', async () => ({ DOCKER_HOST: `unix://${join(folder, 'none.sock')}` }), 'ENGINE_MISSING', /there is no socket/],
  [
    'certificates that are not there',
    async () => ({
      DOCKER_HOST: await listening(fakeEngine(release()), 0),
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: join(folder, 'none'),
    }),
    'ENGINE_MISSING',
    /unset DOCKER_HOST DOCKER_TLS_VERIFY/,
  ],
]

/** What `auto` decides, without bringing anything up. */
const DECIDE = `import { readyRuntime } from ${JSON.stringify(join(ROOT, 'scripts/setup/runtime.ts'))}
  console.log(await readyRuntime('auto', { install: false }).catch(error => error.code))`

test.each(CASES)('%s', async (_, environment, code, message) => {
  const env = { ...(await environment()), PREFETCH_LAB_HOME: join(folder, 'labs') }
  const startedMs = performance.now()
  const [compose, auto] = await Promise.all([
    run(['up', '--runtime', 'compose'], env).ended,
    run(['--input-type=module', '-e', DECIDE], env, [process.execPath]).ended,
  ])
  expect(performance.now() - startedMs).toBeLessThan(REFUSES_WITHIN_MS)
  expect([compose.exitCode, compose.stdout]).toEqual([2, ''])
  expect(compose.stderr).toMatch(new RegExp(`^${code}: `))
  expect(compose.stderr).toMatch(message)
  // Packages of local processes may be missing where the Docker suite runs alone.
  expect(['native', 'PACKAGES_MISSING']).toContain(auto.stdout.trim())
  expect(auto.stderr).toMatch(/^Runtime: native \(.+\)\.$/m)
})

describe.skipIf(skipsApart !== undefined)(`a real engine in another namespace${skipsApart === undefined ? '' : ` (${skipsApart})`}`, () => {
  const ready = 'm.containersReady(undefined, () => undefined)'
  const bring = async (engine: OwnEngine) => {
    const { RABBITMQ_IMAGE = '', POSTGRES_IMAGE = '' } = await imageNames()
    const services = await servicesImage('', () => undefined)
    await bringImage(services, engine)
    // These are large, and only that there are some matters here.
    for (const image of [RABBITMQ_IMAGE, POSTGRES_IMAGE]) await docker(['tag', services, image], { env: engineAt(engine.host) })
  }

  test('its ports are not on our loopback; on its own network all is well', async () => {
    await using engine = await apart()
    await bring(engine)
    const env = { ...engineAt(engine.host), PREFETCH_LAB_HOME: join(folder, 'labs') }
    const { stdout, stderr, exitCode } = await run(['up', '--runtime', 'compose'], env).ended
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/ENGINE_ELSEWHERE: .*does not lead to it/)
    expect(await insideNetworkOf(engine, join(COMPOSE, 'images.ts'), ready)).toMatch(/^\d+\./)
  })

  test('its clock is another one', async () => {
    await using engine = await apart({ clockAheadSeconds: 1_000 })
    await bring(engine)
    expect(await insideNetworkOf(engine, join(COMPOSE, 'images.ts'), ready)).toMatchObject({
      code: 'ENGINE_ELSEWHERE',
      message: expect.stringMatching(/its clock is (999|1000)\.\d+ s off/),
    })
  })
})
