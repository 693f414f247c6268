import { expect, test } from 'vitest'
import { runScenario } from '#experiment'
import { loadScenario } from '../../scenario/find.ts'

/** Scenarios run unchanged in containers. Two of them here, for the time that all take: npm run scenario -- --all --runtime compose */
test.each(['conversation-order', 'nack-requeue'])('%s', async name => {
  const scenario = await loadScenario(name)
  const run = await runScenario(scenario, { seed: 1, size: 'quick', signal: AbortSignal.timeout(240_000), runtime: 'compose' })
  expect(run.arms.map(({ judged }) => [judged.name, judged.verdict, judged.why])).not.toContainEqual(expect.arrayContaining(['fail']))
  // A machine that is busy with something else makes a control's figures unknown, which is no failure of the lab.
  expect(['pass', 'unknown']).toContain(run.verdict)
})
