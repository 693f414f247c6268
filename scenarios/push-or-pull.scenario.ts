import { everyPromptServed } from '#checks/served'
import { startedWithin } from '#checks/slo'
import { answerDirective } from '#contracts/gpu-timing'
import { type ArmLab, type Askers, type PushAskers, type PushOptions, questions, scenario } from '#experiment'
import { publishTimesMs, taskIds } from '#predictor'

/** The question before the queue: workers that pull, or a balancer before the model servers? */

const TIME_SCALE = 30
/** Prompts that both GPUs answer in a second of the wall, at this time scale. */
const BOTH_PER_SECOND = 29
const MINUTE_MS = 60_000 / TIME_SCALE
/** How long a worker, or the balancer, leaves a sick GPU alone: 10 s of GPU time. */
const PAUSE_MS = Math.round(10_000 / TIME_SCALE)
/** A minute and a half of GPU time. Milliseconds of the wall. */
const BEGINS_WITHIN_MS = 90_000 / TIME_SCALE
/** One prompt of each: they are the same in all arms, and so are all draws. */
const USERS = 60
/** The abler GPU has the trouble. */
const GPU = 'gpu-fast'
const NAT = 'one GPU behind NAT'

/** What gateways offer: another try elsewhere, a cooldown, ten minutes of GPU time for an answer.
 *  One that broke off is an error, as with nginx and Olla; LiteLLM has a recovery of streams. */
const DECENT: PushOptions = { retries: 1, failuresMax: 3, cooldownMs: PAUSE_MS, answerMs: 600_000 / TIME_SCALE }
const BALANCERS = {
  push: DECENT,
  'push, queue of its own': { ...DECENT, inFlightMax: 1 },
  'push, no retry': { ...DECENT, retries: 0, failuresMax: 0 },
}
type Way = 'pull' | keyof typeof BALANCERS
type AnyAskers = Pick<Askers | PushAskers, 'askAt' | 'askEach'>

/** Random arrivals, and a last one at the end. @param load of both GPUs together */
function arrivals(load: number, forMs: number): { publishedMs: number }[] {
  const times = publishTimesMs({ kind: 'poisson', perSecond: load * BOTH_PER_SECOND }, taskIds(USERS), 1)
  return [...times.filter(ms => ms < forMs), forMs].map(publishedMs => ({ publishedMs }))
}

/** It breaks off an answer, and nobody listens there for a minute. */
async function offline(lab: ArmLab, askers: AnyAskers): Promise<void> {
  await lab.faults(GPU, { cutAfterTokens: 20 })
  await askers.askEach(questions(2))
  const brokenOff = async () => (await lab.inferences()).filter(run => run.gpu === GPU && run.outcome === 'failed').length
  await lab.until('it broke off an answer', brokenOff, { atLeast: 1, withinMs: 10_000, everyMs: 5 })
  await lab.faults(GPU, { down: true })
  await askers.askAt(arrivals(0.5, MINUTE_MS))
  await lab.faults(GPU, {})
  await askers.askAt(arrivals(0.5, MINUTE_MS / 4))
}

const SITUATIONS = {
  'a quiet day': (_, askers) => askers.askAt(arrivals(0.2, 2_000)),
  'a burst': (_, askers) => askers.askEach(questions(54)),
  'one GPU offline for a minute': offline,
  'one GPU sick': async (lab, askers) => {
    await lab.faults(GPU, { status: 500 })
    await askers.askAt(arrivals(0.18, 1_500))
  },
  'one GPU behind NAT': (_, askers) => askers.askAt(arrivals(0.6, 2_500)),
} satisfies Record<string, (lab: ArmLab, askers: AnyAskers) => Promise<unknown>>
type Situation = keyof typeof SITUATIONS

/** An arm of one way in one situation. */
const arm = (way: Way, situation: Situation) => ({ name: `${way}: ${situation}`, with: { way, situation } })
const WAITS = { breaks: 'started-within' }
const LOSES = { breaks: 'every-prompt-served', mayBreak: ['started-within'] }

export default scenario<{ way: Way; situation: Situation }>('push-or-pull', {
  claim:
    'Workers that pull with prefetch 1 answer every prompt on a quiet day, in a burst, and while one of two GPUs is offline, sick or behind NAT, and 95 of 100 begin within a minute and a half. A least-busy balancer does so on a quiet day and beside a sick GPU, and in a burst if it has a queue of its own.',
  sizes: { quick: { way: 'pull', situation: 'a quiet day' }, full: { way: 'pull', situation: 'a quiet day' } },
  plan: ({ way }) => ({
    ...(way === 'pull' ? {} : { imNodes: [], workers: [] }),
    settings: { timeScale: TIME_SCALE, serverPauseMaxMs: PAUSE_MS },
  }),
  arms: [
    ...(Object.keys(SITUATIONS) as Situation[]).map(situation => arm('pull', situation)),
    arm('push', 'a quiet day'),
    arm('push', 'one GPU sick'),
    arm('push, queue of its own', 'a burst'),
  ],
  controls: [
    {
      ...arm('push', 'a burst'),
      ...WAITS,
      because: 'least busy means fewest requests: half of them queue up at the slow GPU, and the fast one is done long before',
    },
    {
      ...arm('push', 'one GPU offline for a minute'),
      ...LOSES,
      because: 'the answer that broke off is an error for its user, and what went to the slow GPU meanwhile stays there',
    },
    {
      ...arm('push', NAT),
      ...WAITS,
      because: 'nobody can connect to it from outside, so the slow GPU does all the work; a worker connects from inside',
    },
    {
      ...arm('push, no retry', 'one GPU sick'),
      ...LOSES,
      because: 'a GPU that fails at once is always free: it gets every prompt that comes while the other one works',
    },
  ],
  async run(lab, { way, situation }) {
    if (way === 'pull') {
      const askers = await lab.users(USERS, { on: ['im-a', 'im-b'] })
      await lab.warmUp(askers, USERS, { rounds: 1, ask: i => `warm-up ${i} ${answerDirective(1)}` })
      await SITUATIONS[situation](lab, askers)
      await lab.quiescent({ withinMs: 60_000 })
    } else {
      const askers = await lab.push(USERS, { ...BALANCERS[way], unreachable: situation === NAT ? [GPU] : [] })
      await askers.warmUp()
      await SITUATIONS[situation](lab, askers)
      await askers.ended()
      lab.plain.over()
    }
  },
  checks: [everyPromptServed, startedWithin(BEGINS_WITHIN_MS, { percent: 95 })],
})
