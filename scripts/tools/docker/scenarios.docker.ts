import { expect, test } from 'vitest'
import { unknownByNoise } from '#evidence/judge'
import { runScenario } from '#experiment'
import { BROKER_GENERATIONS } from '#lab'
import { across } from '../../../scenarios/experiment/across.ts'
import { loadScenario } from '../../scenario/find.ts'

/** Unchanged in containers; two for time, with a claim and a control each: an arm in containers
 *  takes 15 s. All: npm run scenario -- --all --runtime compose */
test.each(['conversation-order', 'nack-requeue'])('%s', async name => {
  const whole = await loadScenario(name)
  const scenario = { ...whole, arms: whole.arms.slice(0, 1), controls: whole.controls.slice(0, 1) }
  const run = await runScenario(scenario, { seed: 1, size: 'quick', signal: AbortSignal.timeout(240_000), runtime: 'compose' })
  expect(run.arms).toHaveLength(2)
  expect(run.arms.map(({ judged }) => [judged.name, judged.verdict, judged.why])).not.toContainEqual(expect.arrayContaining(['fail']))
  // A busy machine makes times unknown, and nothing else.
  expect(run.arms.filter(({ judged }) => judged.verdict === 'unknown' && !unknownByNoise(judged)).map(({ judged }) => judged)).toEqual([])
})

test('the sentences on each generation in one run: each holds where it is documented to', async () => {
  const scenario = { ...across(await loadScenario('sentences')), controls: [] }
  const run = await runScenario(scenario, { seed: 1, size: 'quick', signal: AbortSignal.timeout(240_000), runtime: 'compose' })
  expect(run.arms.map(({ judged }) => [judged.name, judged.verdict])).toEqual(BROKER_GENERATIONS.map(name => [name, 'pass']))
  expect(run.arms.map(({ broker }) => broker)).toEqual(
    BROKER_GENERATIONS.map(name => expect.stringMatching(new RegExp(`^RabbitMQ ${name}\\.`))),
  )
})
