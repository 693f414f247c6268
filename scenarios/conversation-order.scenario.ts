import { answersInOrder, othersGoOn } from '#checks/conversation'
import { order } from '#checks/delivery'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { drainedEmpty, prefetch, slots } from '#checks/workers'
import { EXACT_GPUS, questions as numbered, scenario } from '#experiment'

export default scenario('conversation-order', {
  claim:
    'Questions asked in a row in one conversation are answered in the order of asking, although two unequal workers take them; while one is held back, a worker serves another conversation.',
  sizes: { quick: { conversations: 6, questions: 5 }, full: { conversations: 40, questions: 15 } },
  plan: { gpus: EXACT_GPUS, settings: { timeScale: 5 } },
  arms: [{ name: 'held back', set: { conversationInOrder: true } }],
  controls: [
    {
      name: 'all at once, as in the article',
      set: { conversationInOrder: false },
      breaks: 'answers-in-order',
      mayBreak: ['others-go-on'],
      because: 'the slow worker is still at the first question when the fast one has answered the second',
    },
  ],
  async run(lab, { conversations, questions }) {
    const { devices } = await lab.users(conversations, { on: ['im-a', 'im-b'] })
    // One after the other's five: neighbours in the queue belong to one conversation.
    for (const device of devices) await Promise.all(numbered(questions).map(question => device.ask(question)))
    await lab.quiescent({ withinMs: 60_000 })
  },
  checks: [answersInOrder, othersGoOn, order, allAnswered, answeredOnce, conservation, prefetch, slots, drainedEmpty],
})
