import { lost } from '#checks/delivery'
import { chargedAtMost, comesBack, sickIsLeftAlone } from '#checks/sick-server'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { prefetch, slots } from '#checks/workers'
import type { GpuFaults } from '#contracts/http'
import { questions, scenario } from '#experiment'

const FAILS: GpuFaults = { status: 500 }
const BREAKS_OFF: GpuFaults = { cutAfterTokens: 1 }
/** One token is answered, a prompt of somebody is not: out of memory at any real length. */
const FAILS_REAL_PROMPTS: GpuFaults = { status: 500, onlyPromptsWith: 'question' }
const APOLOGISED = { breaks: 'all-answered', mayBreak: ['sick-is-left-alone', 'charged-at-most', 'comes-back'] }

export default scenario('sick-gpu', {
  claim:
    'While one of two GPUs fails every inference at once, the other answers every prompt and nobody sees an apology; the sick one is left alone, and works again once it has healed.',
  sizes: { quick: { prompts: 24, fault: FAILS }, full: { prompts: 200, fault: FAILS } },
  plan: { settings: { timeScale: 20, serverPauseMaxMs: 2_000 } },
  arms: [
    { name: 'fails every request' },
    { name: 'breaks off every answer', with: { fault: BREAKS_OFF } },
    { name: 'answers a probe, fails every prompt', with: { fault: FAILS_REAL_PROMPTS } },
  ],
  controls: [
    {
      name: 'every failure costs the task an attempt',
      set: { failureHandling: 'retry' },
      ...APOLOGISED,
      because: 'a GPU that fails in milliseconds is always free: it takes the tasks of the healthy one, three times each',
    },
    {
      name: "article's handling",
      set: { failureHandling: 'article' },
      partSettings: { 'gpu-fast': { design: 'article' }, 'gpu-slow': { design: 'article' } },
      ...APOLOGISED,
      mayBreak: [...APOLOGISED.mayBreak, 'task-conservation'],
      because: 'each failure is answered with the busy text and acknowledged',
    },
  ],
  async run(lab, { prompts, fault }) {
    const askers = await lab.users(prompts, { on: ['im-a', 'im-b'] })
    await lab.faults('gpu-fast', fault) // The abler one: it would do most of the work.
    await askers.askEach(questions(prompts))
    await lab.untilOrRest(() => askers.answers() >= prompts, { withinMs: 60_000 })
    await lab.faults('gpu-fast', {})
    await lab.until('its worker takes tasks again', () => lab.isReady('worker-fast'), { equals: true, withinMs: 20_000 })
    await askers.askEach(questions(prompts))
    await lab.quiescent({ withinMs: 60_000 })
  },
  checks: [allAnswered, sickIsLeftAlone(25), chargedAtMost(2), comesBack, answeredOnce, conservation, lost, prefetch, slots],
})
