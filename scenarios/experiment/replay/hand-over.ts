import type { ChatClient } from '#client'
import { answerDirective } from '#contracts/gpu-timing'
import { gapMeanMs } from '#evidence/schedule'
import { hostMs, hostNowMs, type Lab } from '#lab'

/** What a hand-over takes in this lab, told by prompts that wait for one another before anything is measured. */

const PROMPTS = 40
/** Of a service time of about 40 ms of the wall, longer than a prompt takes to the broker: nobody starves meanwhile, and every gap is the hand-over's. */
const ANSWER_TOKENS_AT_SCALE_1 = 4
const ANSWER_WITHIN_MS = 60_000

/** @returns time between two inferences of one worker while prompts wait, the mean of a burst; undefined where none waited. Milliseconds of the wall. */
export async function measureHandOver(lab: Lab, askers: readonly ChatClient[], timeScale: number): Promise<number | undefined> {
  const directive = answerDirective(Math.ceil(Math.min(999, ANSWER_TOKENS_AT_SCALE_1 * timeScale)))
  const asked = await Promise.all(
    Array.from({ length: PROMPTS }, async (_, i) => {
      const [asker, askedMs] = [askers[i % askers.length], hostNowMs()]
      if (asker === undefined) return undefined
      const stored = await asker.send(asker.robot, `hand-over ${i} ${directive}`)
      if (stored.state !== 'stored' || stored.task === undefined) return undefined
      await asker.answer(stored.task, ANSWER_WITHIN_MS)
      return { task: stored.task, askedMs }
    }),
  )
  const sentMs = new Map(asked.flatMap(each => (each === undefined ? [] : [[each.task, each.askedMs] as const])))
  const logs = await Promise.all(lab.plan.gpus.map(async ({ name }) => ({ name, runs: await lab.inferences(name) })))
  const prompts = logs.flatMap(({ name, runs }) =>
    runs.flatMap(({ task, startedAtNs, endedAtNs }) => {
      const askedMs = sentMs.get(task)
      if (askedMs === undefined || startedAtNs === undefined || endedAtNs === undefined) return []
      const [startedMs, endedMs] = [hostMs(startedAtNs), hostMs(endedAtNs)]
      return [{ task, user: '', conversation: '', seq: 0, askedMs, deliveredMs: askedMs, worker: name, startedMs, endedMs, inferences: 1 }]
    }),
  )
  const gapMs = gapMeanMs(prompts, { workers: [] })
  return gapMs > 0 ? gapMs : undefined
}
