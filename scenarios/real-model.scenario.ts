import { lost } from '#checks/delivery'
import { capped, reasoningRemoved, streamed } from '#checks/real-model'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { scenario } from '#experiment'

/** Fewer than any of these answers takes. */
const ANSWER_TOKENS = 24

const QUESTIONS = [
  'Tell me about the sea, in four sentences.',
  'How does one bake bread? Name five steps.',
  'Why is the sky blue? Explain it to a child in four sentences.',
  'Describe a city in winter, in four sentences.',
  'What is a message queue good for? Give four examples.',
]

export default scenario('real-model', {
  claim:
    'Five prompts go through the whole path to a real model server: each answer streams, is capped, and is what the model said without its reasoning.',
  needs: 'model-server',
  sizes: { quick: { prompts: 5 }, full: { prompts: 50 } },
  plan: { settings: { answerTokensMax: ANSWER_TOKENS } },
  controls: [
    {
      name: 'options at the top level of the request',
      set: { optionsPlacement: 'top-level' },
      breaks: 'capped',
      because:
        'Ollama drops max_tokens there in silence, as the article has it: no cap reaches it, and the answer runs as long as it likes',
    },
  ],
  async run(lab, { prompts }) {
    const askers = await lab.users(5, { on: ['im-a', 'im-b'] })
    await askers.askEach(Array.from({ length: prompts }, (_, i) => QUESTIONS[i % QUESTIONS.length] ?? ''))
    await lab.quiescent({ withinMs: 300_000 })
  },
  checks: [capped(ANSWER_TOKENS), streamed, reasoningRemoved, allAnswered, answeredOnce, conservation, lost],
})
