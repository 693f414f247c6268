import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, startLab } from '#lab'

/** Three nodes of the broker, on any runtime. Loads and faults under load: `broker-node`. */

const WITHIN = { withinMs: 60_000 }
let lab: Lab
beforeAll(async () => {
  lab = await startLab({ brokers: 3, settings: { timeScale: 50, gpuColdLoad: false } })
})
afterAll(() => lab?.[Symbol.asyncDispose]())

const unready = async () => (await lab.status()).filter(({ state }) => state !== 'ready').map(({ name, state }) => `${name} ${state}`)
const leaders = async () => [...(await lab.leaders())].flatMap(([queue, node]) => (queue.startsWith('bot.') ? [node] : []))
const led = async (queue: string) => (await lab.leaders()).get(queue) ?? ''

/** RabbitMQ's own rule for an even spread: no node leads more of them than this. */
const evenly = (queues: number) => Math.floor(queues / 3) + 1
const most = async () => {
  const all = await leaders()
  return Math.max(...all.map(node => all.filter(other => other === node).length)) - evenly(all.length)
}

test('the quorum queues have leaders', async () => {
  expect([...(await lab.leaders()).keys()]).toEqual(expect.arrayContaining(['bot.tasks', 'bot.dead']))
})

test.each(['bot.tasks', 'bot.dead'])('the node that leads %s is killed: questions are answered, all parts come back', async queue => {
  const client = await lab.client('asker')
  const leader = await led(queue)
  await lab.kill(leader)
  expect(await client.ask('still there?', { answerWithinMs: 30_000 })).toMatchObject({ state: 'answered' })
  await lab.until('the others serve all', unready, { is: parts => String(parts) === `${leader} stopped`, ...WITHIN })
  expect(await led(queue)).not.toBe(leader)
  await lab.start(leader)
  expect(await unready()).toEqual([])
  await lab.until('the leaders are spread', most, { is: beyond => beyond <= 0, ...WITHIN })
})

test('without a majority a question is refused in time, and answered once there is one', async () => {
  const refused: string[] = []
  const client = await lab.client('patient', { on: { refused: ({ code, retryable }) => refused.push(`${code} ${retryable}`) } })
  await lab.kill('broker-1', 'broker-2')
  const asked = client.ask('anybody?', { answerWithinMs: 60_000 })
  // The deadline of a confirm, and the head of it that was with a lost node. Never silence.
  await lab.until('it is refused', () => refused.length, { atLeast: 1, withinMs: 6_000 })
  expect(refused[0]).toMatch(/^(NOT_CONFIRMED|BROKER_UNAVAILABLE) true$/)
  await lab.start('broker-1', 'broker-2')
  await lab.until('all are back', unready, { is: parts => parts.length === 0, ...WITHIN })
  expect(await asked).toMatchObject({ state: 'answered' })
})
