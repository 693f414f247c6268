import { duplicate, lost, order, phantom, wrongAddressee } from '#checks/delivery'
import { deliveredPromptly } from '#checks/promptness'
import { sequence } from '#checks/sequence'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { scenario } from '#experiment'

/** Neither design promises the article's absent users anything. */
const ONLINE_ONLY = { awayToo: false }
const SEEN = ['lost', 'phantom', 'duplicate', 'wrong-addressee', 'delivered-promptly', 'all-answered', 'answered-once']
const ONE_NAME = { fanoutQueueName: 'im.nodes' }

export default scenario('cross-node-delivery', {
  claim: 'A message is seen once, in order, by every device of both users, whichever nodes they are on, now or when they come back.',
  sizes: { quick: { messages: 20, strangers: 12, awayToo: true }, full: { messages: 500, strangers: 40, awayToo: true } },
  gpus: 'any',
  // The article's model reasons first: Ollama drops its cap, OpenAI's API obeys it.
  plan: { settings: { answerTokensMax: 4_000, timeScale: 50, userFramesPerSecond: 10_000, headCheckMs: 1_500 } },
  arms: [{ name: 'sound' }, { name: 'article, a queue name for each node', set: { design: 'article' }, with: ONLINE_ONLY, judgedBy: SEEN }],
  controls: [
    {
      name: 'article, one queue name for both nodes',
      set: { design: 'article', ...ONE_NAME },
      with: ONLINE_ONLY,
      judgedBy: SEEN,
      breaks: 'lost',
      mayBreak: ['delivered-promptly', 'all-answered'],
      because: 'two nodes that consume one queue compete: each event reaches one of them, and half of the time the wrong one',
    },
    {
      name: 'sound, one queue name for both nodes',
      set: ONE_NAME,
      with: ONLINE_ONLY,
      breaks: 'delivered-promptly',
      because: 'the same mistake loses nothing where heads are checked: the message comes late, with the next head check',
    },
  ],
  async run(lab, { messages, strangers, awayToo }) {
    const both = ['im-a', 'im-b']
    const [ann, bob] = [await lab.device('ann', { on: both }), await lab.device('bob', { on: ['im-b'] })]
    await lab.device('ann', { on: ['im-b'] })
    await lab.device('bob', { on: both })
    for (let i = 0; i < messages; i += 1) await Promise.all([ann.send('bob', `to bob ${i}`), bob.send('ann', `to ann ${i}`)])
    await ann.ask('answered by a worker that shares no node with anybody')
    const { devices } = await lab.users(strangers, { on: both })
    for (const [i, other] of devices.entries()) {
      if (i % 2 === 0) continue
      await devices[i - 1]?.send(other.user, 'one message, and none after it that would show the gap')
      await lab.untilOrRest(() => other.shown.length > 0, { withinMs: 10_000 })
    }
    if (awayToo) {
      for (let i = 0; i < messages; i += 1) await bob.send('carol', `while you were away ${i}`)
      await lab.nodes.kill('im-a')
      for (let i = 0; i < messages; i += 1) await bob.send('ann', `while your node was away ${i}`)
      await lab.nodes.start('im-a')
      await lab.device('carol', { on: ['im-a'] })
    }
    await lab.quiescent({ withinMs: 30_000 })
  },
  checks: [lost, phantom, duplicate, order, sequence, wrongAddressee, deliveredPromptly(500), allAnswered, answeredOnce],
})
