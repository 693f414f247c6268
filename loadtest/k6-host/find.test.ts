import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findK6 } from './find.ts'
import { commandOf, K6_ARGUMENTS, k6Env } from './start.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'k6-find-'))
  for (const path of ['first', 'second', 'cache/k6']) await mkdir(at(path), { recursive: true })
  for (const path of ['first/k6', 'second/k6', 'cache/k6/k6']) await writeFile(at(path), '')
  for (const path of ['second/k6', 'cache/k6/k6']) await chmod(at(path), 0o755)
})
afterAll(() => rm(folder, { recursive: true }))

describe('which k6 is taken', () => {
  const search = () => ({ told: undefined, path: [at('first'), at('second')].join(delimiter), cache: at('cache') })

  test('the first on the PATH that can be started', async () => {
    expect(await findK6(search())).toEqual({ kind: 'binary', path: at('second', 'k6') })
  })

  test("then the one in the project's cache", async () => {
    expect(await findK6({ ...search(), path: '' })).toEqual({ kind: 'binary', path: at('cache', 'k6', 'k6') })
  })

  test('the one that was named before all others, an image too', async () => {
    expect(await findK6({ ...search(), told: at('cache', 'k6', 'k6') })).toEqual({ kind: 'binary', path: at('cache', 'k6', 'k6') })
    expect(await findK6({ ...search(), told: 'image:grafana/k6:2.3.0' })).toEqual({ kind: 'image', image: 'grafana/k6:2.3.0' })
  })

  test('a wrong PREFETCH_LAB_K6 is an error, and no other k6 is taken', async () => {
    await expect(findK6({ ...search(), told: at('first', 'k6') })).rejects.toMatchObject({
      code: 'K6_MISSING',
      message: expect.stringContaining(`PREFETCH_LAB_K6 names ${at('first', 'k6')}`),
    })
  })

  test('without any it says how to get one and names the built-in engine', async () => {
    await expect(findK6({ told: undefined, path: '', cache: at('first') })).rejects.toMatchObject({
      code: 'K6_MISSING',
      exitCode: 2,
      message: expect.stringMatching(/install-k6[\s\S]*PREFETCH_LAB_K6=image[\s\S]*placeholder[\s\S]*built-in engine/),
    })
  })
})

test('k6 sees no K6_ variable and no proxy of the shell', () => {
  const shell = {
    PATH: '/bin',
    DOCKER_HOST: 'unix:///run/docker.sock',
    K6_VUS: '9',
    K6_OUT: 'cloud',
    HTTP_PROXY: 'http://127.0.0.1:9',
    LAB_NODES: 'evil',
  }
  expect(k6Env(shell, { LAB_NODES: 'ours' })).toEqual({
    PATH: '/bin',
    DOCKER_HOST: 'unix:///run/docker.sock',
    LAB_NODES: 'ours',
    K6_NO_USAGE_REPORT: 'true',
  })
})

describe('the command of each k6', () => {
  const env = { LAB_SECRET: 'hush', LAB_USERS: '2' }

  test('a binary on the script itself, told by environment', () => {
    const [program, args] = commandOf({ kind: 'binary', path: '/opt/k6' }, 'loadtest/k6/chat.ts', env)
    expect([program, ...args.slice(0, -1)]).toEqual(['/opt/k6', ...K6_ARGUMENTS])
    expect(args.at(-1)).toMatch(/^\/.+\/loadtest\/k6\/chat\.ts$/)
  })

  test("an image on the machine's network, with the project to read; the secret is on no command line", () => {
    const [program, args] = commandOf({ kind: 'image', image: 'grafana/k6' }, 'loadtest/k6/bot.ts', env)
    expect(program).toBe('docker')
    expect(args.join(' ')).toMatch(
      /^run --rm --network=host --volume \/\S+:\/lab:ro --env LAB_SECRET --env LAB_USERS grafana\/k6 run .*\/lab\/loadtest\/k6\/bot\.ts$/,
    )
    expect(args.join(' ')).not.toContain('hush')
  })
})
