import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attachLab } from '#lab'
import { fakeServer, ollama, send } from '../../scenarios/lab/real-model/fake-server.ts'
import { pids, procText } from '../../scenarios/lab/runtime/proc.mjs'
import { run } from './command.ts'
import { type TestHome, testHome } from './test-home.ts'

/** A model server behind a path and a password: all requests have its headers, also from a
 *  restarted worker. Nothing shows them, nor a prompt that the server quotes. */

const PASSWORD = 'canary-password'
const KEY = 'canary-key'
const AUTHORIZATION = `Basic ${Buffer.from(`bot:${PASSWORD}`).toString('base64')}`
const PROMPT = 'canary-prompt of somebody who is ill'
const SECRETS = [PASSWORD, KEY, PROMPT, PROMPT.slice(0, 20), AUTHORIZATION.slice('Basic '.length)]

let home: TestHome
beforeAll(async () => {
  home = await testHome('secrets')
  process.env['PREFETCH_LAB_HOME'] = home.labs
})
afterAll(async () => {
  await lab('down')
  delete process.env['PREFETCH_LAB_HOME']
  await home.remove()
})

const lab = (...args: string[]) => run(args, { PREFETCH_LAB_HOME: home.labs }).ended

test('headers reach the server and nothing else', { timeout: 120_000 }, async () => {
  const api = ollama({ prefix: '/ollama' })
  let quoted = 0
  let refused = 0
  await using server = await fakeServer((asked, response) => {
    if (JSON.stringify(asked.body).includes(PROMPT)) {
      quoted += 1
      return send(response, 400, { error: `odd request ${JSON.stringify([asked.body, asked.headers])}` })
    }
    if (asked.headers.authorization === AUTHORIZATION && asked.headers['x-key'] === KEY) return api(asked, response)
    refused += 1
    send(response, 401, { error: 'unauthorized' })
  })
  const url = `${server.url.replace('//', `//bot:${PASSWORD}@`)}/ollama`
  const up = await run(['up', '--runtime', 'native', '--set', 'model=m:1b', '--ollama', url, '--ollama', url], {
    PREFETCH_LAB_HOME: home.labs,
    OLLAMA_HEADERS: JSON.stringify({ 'X-Key': KEY }),
  }).ended
  expect(up).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('gpu-fast and gpu-slow are one server') })

  // Another shell, which has neither the address nor the variable.
  const again = [await lab('stop', 'workers'), await lab('start', 'worker-fast')]
  await using attached = await attachLab('main')
  await using asker = await attached.client('ann')
  expect(await asker.ask('Hi', { answerWithinMs: 60_000 })).toMatchObject({ state: 'answered' })
  expect(await asker.ask(PROMPT, { answerWithinMs: 60_000 })).toMatchObject({ state: 'apology' })
  expect(quoted).toBe(1)
  expect(await (await fetch(new URL('/settings', attached.url('worker-fast', 'http')))).json()).toMatchObject({ ollamaUrl: server.url })
  expect([refused, server.asked.every(({ path }) => path.startsWith('/ollama/api/'))]).toEqual([0, true])

  const state = join(home.labs, 'main', 'state.json')
  expect((await stat(state)).mode & 0o777).toBe(0o600)
  expect(await readFile(state, 'utf8')).toContain(KEY)
  const logs = await Promise.all(attached.parts.map(({ name }) => lab('logs', name)))
  const said = [up, ...again, await lab('status'), await lab('status', '--json'), ...logs].flatMap(({ stdout, stderr }) => [stdout, stderr])
  expect(logs[attached.parts.findIndex(({ name }) => name === 'worker-fast')]?.stdout).toContain('odd request')
  const shown = [
    ...said,
    ...pids().flatMap(pid => (pid === process.pid ? [] : procText(`${pid}/cmdline`))),
    ...(await readable(home.labs)),
  ].join('\n')
  expect(shown).toContain(`${server.url}/ollama`)
  expect(SECRETS.filter(secret => shown.includes(secret))).toEqual([])
})

/** Text of all files of the lab's own but its state. */
async function readable(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile() && entry.name !== 'state.json').map(entry => join(entry.parentPath, entry.name))
  return Promise.all(files.filter(file => /\.(log|json|conf|txt)$/.test(file)).map(file => readFile(file, 'utf8').catch(() => '')))
}
