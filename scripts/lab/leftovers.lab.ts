import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LabError, until } from '#lab'
import { type Command, run } from './command.ts'
import { type TestHome, testHome } from './test-home.ts'

/** However a lab ends, no socket, process, temporary folder or shared memory stays. */

let home: TestHome
beforeAll(async () => {
  home = await testHome('leftovers')
})
afterAll(async () => {
  await lab('down').ended
  await home.remove()
})

const lab = (...args: string[]): Command => run(args, { PREFETCH_LAB_HOME: home.labs })
const nothingLeft = () => home.nothingLeft()

async function stateHas(pattern: RegExp): Promise<boolean> {
  return pattern.test(await readFile(join(home.labs, 'main', 'state.json'), 'utf8').catch(() => ''))
}

/** Moments of a start, each recognised by what it left in the state or printed. */
const POINTS: [string, (command: Command) => Promise<boolean> | boolean][] = [
  ['its state is first written', () => stateHas(/"phase"/)],
  ['the first process is noted', () => stateHas(/"pid"/)],
  ['Postgres is ready', command => /postgres ready/.test(command.text())],
  ['RabbitMQ is ready', command => /rabbitmq ready/.test(command.text())],
  ['the first IM node is ready', command => /im-[ab] ready/.test(command.text())],
]

async function upUntil(point: (command: Command) => Promise<boolean> | boolean): Promise<Command> {
  const command = lab('up')
  let over = false
  void command.ended.then(() => {
    over = true
  })
  await until('the start reaches that point', () => (over ? 'ended' : point(command)), {
    is: seen => seen !== false,
    withinMs: 60_000,
    everyMs: 2,
  })
  if (over) throw new LabError('TIMED_OUT', `the start ended before that point:\n${command.text()}`)
  return command
}

test('up, up again, down', async () => {
  expect(await lab('up').ended).toMatchObject({ exitCode: 0 })
  expect((await lab('up').ended).stdout).toMatch(/was up already/)
  const status = JSON.parse((await lab('status', '--json').ended).stdout) as { parts: { state: string }[] }
  expect(status.parts.map(part => part.state)).toEqual(Array(9).fill('ready'))
  const running = await home.added() // What is to be gone can be seen.
  expect(
    [running.processes.length, running.listening.length].every(count => count >= 8),
    JSON.stringify(running),
  ).toBe(true)
  expect(await lab('down').ended).toMatchObject({ exitCode: 0 })
  await nothingLeft()
})

describe('Ctrl-C in mid-start clears it away and exits 130', () => {
  test.each(POINTS)('when %s', async (_, point) => {
    const command = await upUntil(point)
    process.kill(-(command.child.pid ?? 0), 'SIGINT')
    expect((await command.ended).exitCode, command.text()).toBe(130)
    await nothingLeft()
  })
})

describe('kill -9 in mid-start: the next command clears it away', () => {
  test.each(POINTS)('when %s', async (_, point) => {
    const command = await upUntil(point)
    command.child.kill('SIGKILL')
    await command.ended
    expect(await lab('down').ended).toMatchObject({ exitCode: 0 })
    await nothingLeft()
  })

  test('an up does so too, and goes on', async () => {
    const command = await upUntil(() => stateHas(/"pid"/))
    command.child.kill('SIGKILL')
    await command.ended
    const next = await lab('up').ended
    expect(next.exitCode, next.stderr).toBe(0)
    await lab('down').ended
    await nothingLeft()
  })
})

test('a down while an up is in progress ends it', async () => {
  const command = await upUntil(() => stateHas(/"pid"/))
  expect(await lab('down').ended).toMatchObject({ exitCode: 0 })
  expect((await command.ended).exitCode).toBe(130)
  await nothingLeft()
})

test('two labs run side by side, and end apart', async () => {
  const ups = await Promise.all([lab('up', '--name', 'one').ended, lab('up', '--name', 'two').ended])
  expect(
    ups.map(up => up.exitCode),
    ups.map(up => up.stderr).join(),
  ).toEqual([0, 0])
  await lab('down', '--name', 'one').ended
  const status = JSON.parse((await lab('status', '--name', 'two', '--json').ended).stdout) as { parts: { state: string }[] }
  expect(new Set(status.parts.map(part => part.state))).toEqual(new Set(['ready']))
  await lab('down', '--name', 'two').ended
  await nothingLeft()
})

test('parts killed one by one, then down', async () => {
  await lab('up').ended
  for (const part of ['postgres', 'rabbitmq', 'im-a', 'workers']) expect((await lab('kill', part).ended).exitCode).toBe(0)
  expect(await lab('down').ended).toMatchObject({ exitCode: 0 })
  await nothingLeft()
})
