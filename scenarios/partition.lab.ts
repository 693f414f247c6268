import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerDirective } from '#contracts/gpu-timing'
import { type Lab, startLab } from '#lab'

/** A worker cut off from everything, on any runtime. */

const WITHIN = { withinMs: 60_000 }
let lab: Lab
beforeAll(async () => {
  lab = await startLab({ settings: { timeScale: 20, gpuColdLoad: false } }, { links: true })
})
afterAll(() => lab?.[Symbol.asyncDispose]())

const state = async (name: string) => (await lab.status()).find(part => part.name === name)?.state

test('is missed, its task goes to another after the broker has noticed, and it reconnects', async () => {
  const client = await lab.client('asker')
  await lab.stop('worker-slow')
  const asked = client.ask(`a long one ${answerDirective(400)}`, { answerWithinMs: 120_000 })
  await lab.until('worker-fast infers', async () => (await lab.inferences('gpu-fast')).some(run => run.outcome === 'running'), {
    equals: true,
    ...WITHIN,
  })
  await lab.partition('worker-fast')
  await lab.start('worker-slow')
  await lab.until('it is missed', () => state('worker-fast'), { equals: 'not-ready', ...WITHIN })
  expect(await asked).toMatchObject({ state: 'answered' })
  await lab.heal('worker-fast')
  await lab.until('it is back', () => state('worker-fast'), { equals: 'ready', ...WITHIN })
  expect(await client.ask('and now?')).toMatchObject({ state: 'answered' })
})
