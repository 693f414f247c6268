import { bounds, poisonEnds, takenOver } from '#checks/attempts'
import { lost } from '#checks/delivery'
import { neighboursFirstTry, neighboursWait } from '#checks/neighbours'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { prefetch, slots } from '#checks/workers'
import { inferredTimes, questions, scenario } from '#experiment'

/** No model can answer a prompt with this word in it. */
const POISON = 'poison'
const APOLOGISED = { breaks: 'all-answered', mayBreak: ['task-conservation', 'poison-ends'] }
/** As in the article: its models reason inline, between the marks that its code looks for. */
const INLINE = { 'gpu-fast': { design: 'article' }, 'gpu-slow': { design: 'article' } } as const

export default scenario('nack-requeue', {
  claim:
    'Another worker takes a task that was given back; a poison, which no model can answer, ends in an apology after three inferences; prompts asked after it cost one each, and their p95 wait is at most 1.5 x that of the prompts before it.',
  sizes: { quick: { prompts: 40 }, full: { prompts: 400 } },
  plan: { settings: { timeScale: 20, taskAttemptsMax: 3 } },
  arms: (['reject', 'nack'] as const).map(verb => ({ name: verb, set: { retryVerb: verb } })),
  controls: [
    {
      name: 'classic queue, nack, attempts not counted',
      set: { taskQueueType: 'classic', retryVerb: 'nack', taskAttemptsMax: 0, failureHandling: 'retry' },
      breaks: 'bounds',
      because: 'no broker counts what is nacked back to a classic queue: the poison circles for ever, at the speed of the round trip',
      endsWhen: inferredTimes(100),
    },
    {
      name: "article's handling, a model server goes down",
      set: { failureHandling: 'article' },
      partSettings: INLINE,
      ...APOLOGISED,
      because: 'an error of the model server is answered with the busy text and acknowledged: the task is gone',
    },
    {
      name: "article's handling, a model that does not reason",
      set: { failureHandling: 'article', model: 'llama3.1:8b' },
      ...APOLOGISED,
      because: 'every answer without </think> is replaced by the busy text',
    },
  ],
  async run(lab, { prompts }) {
    const askers = await lab.users(prompts, { on: ['im-a', 'im-b'] })
    await lab.faults('gpu-fast', { hangAfterTokens: 5, times: 1 }) // It stays in its middle.
    await askers.askEach(questions(prompts / 2))
    await lab.untilRunningOn('worker-fast', { withinMs: 20_000 })
    await lab.workers.kill('worker-fast')
    await lab.untilOrRest(async () => (await lab.inferences()).some(run => run.attempt === 2), { withinMs: 20_000 })
    await lab.faults('gpu-slow', { down: true })
    await lab.workers.start('worker-fast')
    await lab.untilOrRest(() => askers.answers() >= prompts / 4, { withinMs: 20_000 })
    await lab.faults('gpus', { status: 500, onlyPromptsWith: POISON })
    // Its pause after the failure is another claim: those beside the poison have both workers.
    await lab.until('worker-slow is in service', () => lab.isReady('worker-slow'), { equals: true, withinMs: 20_000 })
    const asker = await lab.device('asker-of-poison', { on: ['im-a'] })
    lab.mark(await asker.ask(`${POISON}, please`), 'poison')
    await askers.askEach(questions(prompts / 2))
    await lab.quiescent({ withinMs: 60_000 })
  },
  checks: [
    bounds(3),
    poisonEnds,
    takenOver(5_000),
    neighboursFirstTry,
    neighboursWait(1.5),
    allAnswered,
    answeredOnce,
    conservation,
    lost,
    prefetch,
    slots,
  ],
})
