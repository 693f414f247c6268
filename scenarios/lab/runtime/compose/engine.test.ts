import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noAnswer, otherMachine, type Socket, socketState } from './engine.ts'
import { notOneClock } from './one-clock.ts'

/** Which engine, and why not. With real command lines: scripts/tools/docker/elsewhere.docker.ts. */

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine test ü '))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const own = Object.values(networkInterfaces()).flatMap(all => all?.map(({ address }) => address) ?? [])
const ownIPv4 = own.find(address => /^[\d.]+$/.test(address) && !address.startsWith('127.')) ?? '127.0.0.1'

test.each([
  ['unix:///var/run/docker.sock', false],
  ['unix:///tmp/a folder/docker.sock', false],
  ['tcp://127.0.0.1:2375', false],
  ['tcp://localhost:2375', false],
  ['tcp://[::1]:2376', false],
  [`tcp://${ownIPv4}:2375`, false],
  ['npipe:////./pipe/docker_engine', false],
  ['tcp://192.0.2.99:2376', true],
  ['https://engine.example:2376', true],
  ['tcp://docker:2375', true],
  ['tcp://[2001:db8::7]:2375', true],
  ['ssh://ann@127.0.0.1', true],
])('%s is on another machine: %s', (endpoint, far) => {
  const error = otherMachine(endpoint)
  expect(error?.code).toBe(far ? 'ENGINE_ELSEWHERE' : undefined)
  if (far) expect(error?.message).toContain(endpoint)
})

test.each<[Socket, boolean, string, RegExp]>([
  ['absent', false, 'ENGINE_MISSING', /there is no socket[\s\S]*sudo dockerd/],
  ['refused', false, 'ENGINE_MISSING', /nobody listens[\s\S]*sudo dockerd/],
  ['denied', false, 'ENGINE_DENIED', /usermod -aG docker/],
  ['open', true, 'ENGINE_SILENT', /did not answer within 5 s[\s\S]*restart docker/],
  ['open', false, 'ENGINE_MISSING', /cannot be used: its last words/],
  ['unreachable', true, 'ENGINE_MISSING', /cannot be reached/],
  ['unknown', false, 'ENGINE_MISSING', /its last words/],
])('%s (silent: %s): %s', (socket, silent, code, message) => {
  const error = noAnswer('unix:///x.sock', socket, 'first\nits last words\n', silent)
  expect(error).toMatchObject({ code, exitCode: 2, message: expect.stringMatching(message) })
  expect(error.message).toMatch(/--runtime native$/)
})

test('a socket that is there or not, listened to or left over, of another user', async () => {
  expect(await socketState(`unix://${join(folder, 'none.sock')}`)).toBe('absent')
  const path = join(folder, 'docker.sock')
  const server = createServer(() => undefined)
  await new Promise<void>(resolve => server.listen(path, resolve))
  expect(await socketState(`unix://${path}`)).toBe('open')
  await chmod(path, 0o000)
  // Root may open everything: then as somebody else.
  const root = process.geteuid?.() === 0
  if (root) {
    await chmod(folder, 0o755)
    process.seteuid?.(65_534)
  }
  const denied = await socketState(`unix://${path}`).finally(() => root && process.seteuid?.(0))
  expect(denied).toBe('denied')
  await new Promise(resolve => server.close(resolve))
  await writeFile(path, '')
  expect(await socketState(`unix://${path}`)).toBe('refused')
})

test('an address without a listener, and text that is not an address', async () => {
  const server = createServer(() => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const endpoint = `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  expect(await socketState(endpoint)).toBe('open')
  await new Promise(resolve => server.close(resolve))
  expect(await socketState(endpoint)).toBe('refused')
  expect(await socketState('no address')).toBe('unknown')
})

test.each([
  ['between two of our moments', { boot: 'a', ns: 15n }, undefined],
  ['at once', { boot: 'a', ns: 10n }, undefined],
  ['another kernel with the same moment', { boot: 'b', ns: 15n }, /booted apart/],
  ['a clock that is ahead', { boot: 'a', ns: 20n + 1_500_000_000n }, /1\.500 s off/],
  ['a clock that is behind', { boot: 'a', ns: 10n - 2_000_000_000n }, /-2\.000 s off/],
])('clocks: %s', (_, inside, why) => {
  const found = notOneClock(inside, { boot: 'a', before: 10n, after: 20n })
  if (why === undefined) expect(found).toBeUndefined()
  else expect(found).toMatch(why)
})
