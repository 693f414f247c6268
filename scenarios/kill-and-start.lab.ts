import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChatClient } from '#client'
import { type Lab, pause, startLab } from '#lab'

/** Each part is killed and restarted under chat load: ready each time, nothing lost or doubled. */

/** `PREFETCH_LAB_ROUNDS=20 npm test lab kill-and-start` for the full proof. */
const ROUNDS = Number(process.env['PREFETCH_LAB_ROUNDS'] ?? 2)
const PAIRS = 4
const SEND_EVERY_MS = 50
/** As patient as a person: sends survive a database that is away for seconds. */
const TUNING = { sendDeadlineMs: 60_000, sendAttemptsMax: 400 }

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ settings: { timeScale: 50, gpuColdLoad: false, userFramesPerSecond: 10_000 } })
})
afterAll(() => lab[Symbol.asyncDispose]())

/** Sends from one node to the other until it is stopped. */
async function chat(pair: number, stop: AbortSignal): Promise<{ sent: string[]; failed: string[]; seen: string[]; reader: ChatClient }> {
  const [seen, sent, failed]: [string[], string[], string[]] = [[], [], []]
  const reader = await lab.client(`reader${pair}`, {
    nodes: ['im-b', 'im-a'],
    tuning: TUNING,
    on: { message: ({ body }) => seen.push(body) },
  })
  const writer = await lab.client(`writer${pair}`, { nodes: ['im-a', 'im-b'], tuning: TUNING })
  for (let i = 0; !stop.aborted; i += 1) {
    const body = `${pair}.${i}`
    const { state } = await writer.send(`reader${pair}`, body)
    ;(state === 'stored' ? sent : failed).push(body)
    await pause(SEND_EVERY_MS, stop).catch(() => undefined)
  }
  return { sent, failed, seen, reader }
}

const notReady = async () => (await lab.status()).filter(({ state }) => state !== 'ready').map(({ name, missing }) => `${name}: ${missing}`)

test(`every part, ${ROUNDS} times`, { timeout: 120_000 + ROUNDS * 60_000 }, async () => {
  // The task queue has a leader and a log before the first kill.
  const answers: string[] = []
  const asker = await lab.client('asker', { on: { message: ({ sender, body }) => sender !== 'asker' && answers.push(body) } })
  await asker.send(asker.robot, 'are you there?')
  await lab.until('the robot answers', () => answers.length, { equals: 1, withinMs: 60_000 })
  const stop = new AbortController()
  const chats = Array.from({ length: PAIRS }, (_, pair) => chat(pair, stop.signal))
  const tookMs = new Map<string, number[]>()
  for (const { name } of lab.parts) {
    const took: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      await lab.kill(name)
      const startedMs = performance.now()
      await lab.start(name)
      took.push(Math.round(performance.now() - startedMs))
      await lab.until('the others found it', notReady, { equals: [], withinMs: 60_000 })
    }
    tookMs.set(name, took)
  }
  stop.abort()
  const done = await Promise.all(chats)
  for (const { sent, seen, reader } of done)
    await lab.until('all that was stored is seen', () => reader.atHead && seen.length >= sent.length, { equals: true, withinMs: 60_000 })
  for (const [name, took] of tookMs)
    console.log(`${name}: ${took.length} of ${ROUNDS} ready, ${Math.min(...took)} to ${Math.max(...took)} ms`)
  console.log(`${done.reduce((sum, { sent }) => sum + sent.length, 0)} messages stored and seen once`)
  for (const { sent, failed, seen } of done) {
    expect(failed).toEqual([])
    expect(seen).toEqual(sent)
  }
})
