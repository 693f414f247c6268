import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settingsFromEnv, settingsToEnv } from '../k6/settings.ts'
import { commandOf, findK6, K6_ARGUMENTS, k6Env, runK6 } from './run.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'k6-'))
  for (const path of ['first', 'second', 'cache/k6']) await mkdir(at(path), { recursive: true })
  for (const path of ['first/k6', 'second/k6', 'cache/k6/k6']) await writeFile(at(path), '')
  for (const path of ['second/k6', 'cache/k6/k6']) await chmod(at(path), 0o755)
})
afterAll(() => rm(folder, { recursive: true }))

test('k6 is the named one, else the first on the PATH that starts, else that of the cache', async () => {
  const find = (named?: string, path = '', cache = 'cache') => findK6({ PREFETCH_LAB_K6: named, PATH: path }, at(cache))
  const path = [at('first'), at('second')].join(delimiter)
  expect(await find(at('cache/k6/k6'), path)).toBe(at('cache/k6/k6'))
  expect(await find('image:grafana/k6:2.3.0', path)).toBe('image:grafana/k6:2.3.0')
  expect(await find(undefined, path)).toBe(at('second/k6'))
  expect(await find()).toBe(at('cache/k6/k6'))
  const missing = (message: RegExp) => ({ code: 'K6_MISSING', exitCode: 2, message: expect.stringMatching(message) })
  await expect(find(at('first/k6'))).rejects.toMatchObject(missing(/PREFETCH_LAB_K6 names \S+first\/k6/))
  await expect(find(undefined, '', 'first')).rejects.toMatchObject(missing(/install-k6[\s\S]*PREFETCH_LAB_K6=image[\s\S]*built-in engine/))
})

test('a binary is started on the script; an image on the machine’s network, the secret on no command line', () => {
  expect(commandOf('/opt/k6', 'a.ts', {})).toEqual(['/opt/k6', [...K6_ARGUMENTS, expect.stringMatching(/^\/.+\/a\.ts$/)]])
  const [program, args] = commandOf('image:grafana/k6', 'a.ts', { LAB_SECRET: 'hush', LAB_USERS: '2' })
  const command = [program, ...args].join(' ')
  expect(command).toMatch(
    /^docker run --rm --network=host --volume=\/\S+:\/lab:ro --env LAB_SECRET --env LAB_USERS grafana\/k6 run .*\/lab\/a\.ts$/,
  )
  expect(command).not.toContain('hush')
})

test('k6 sees no K6_ variable and no proxy of the shell', () => {
  const kept = { PATH: '/bin', DOCKER_HOST: 'unix:///d.sock' }
  const shell = { ...kept, K6_VUS: '9', K6_OUT: 'cloud', HTTP_PROXY: 'http://127.0.0.1:9', LAB_NODES: 'evil' }
  expect(k6Env(shell, { LAB_NODES: 'ours' })).toEqual({ ...kept, LAB_NODES: 'ours', K6_NO_USAGE_REPORT: 'true' })
})

test('k6 that ends with an error is K6_FAILED with its last lines; a crossed threshold is a result', async () => {
  const ends = async (body: string, k6 = at('ends')) => {
    await writeFile(at('ends'), `#!/bin/sh\n${body}`, { mode: 0o755 })
    return runK6({ k6, script: 'a.ts', env: {}, signal: new AbortController().signal, onSample: () => {} })
  }
  expect([await ends('exit 0'), await ends('exit 99')]).toEqual([false, true])
  for (const [run, message] of [
    [() => ends('echo nobody home >&2; exit 108'), /ended with 108[\s\S]*nobody home/],
    [() => ends('', at('nowhere')), /nowhere/],
  ] as const)
    await expect(run()).rejects.toMatchObject({ code: 'K6_FAILED', exitCode: 2, message: expect.stringMatching(message) })
})

const ENV = { LAB_NODES: 'http://127.0.0.1:1,http://127.0.0.1:2', LAB_SECRET: 's', LAB_RUN: 'r' }

test('settings: what is written is what is read; a wrong one is named', () => {
  const settings = { ...settingsFromEnv(ENV), users: 20, ratePerSecond: 0.5, vuCount: 3, p99LimitMs: 12.5 }
  expect(settingsFromEnv(settingsToEnv(settings))).toEqual(settings)
  const wrong = ['LAB_NODES=', 'LAB_SECRET=', 'LAB_USERS=2.5', 'LAB_VU_COUNT=0', 'LAB_RATE_PER_SECOND=fast', 'LAB_FOR_MS=Infinity']
  for (const [name, value] of wrong.map(pair => pair.split('=')))
    expect(() => settingsFromEnv({ ...ENV, [name!]: value })).toThrow(new RegExp(`^${name}: expected`))
})
