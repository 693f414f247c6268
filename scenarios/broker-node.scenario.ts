import { duplicate, lost, order, phantom, wrongAddressee } from '#checks/delivery'
import { storedAfterSilence, storedWithin, toldWithin } from '#checks/pause'
import { sequence } from '#checks/sequence'
import { answeredWithin } from '#checks/slo'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { type ArmLab, scenario } from '#experiment'

/** One of three nodes of the broker is lost while people chat and ask. */

/** New leaders after 0.3 s, a part of that node connects again after 0.5 s. */
const KILLED_MS = 1_000
/** A task that a lost connection held is inferred again. */
const ANSWERED_MS = 3_000
/** Its silence is noticed after 6 s by the other nodes, after 6 to 9 s by its clients. */
const FROZEN_MS = 12_000
/** A confirm has 2 s; then the send is refused, and tried again. */
const TOLD_MS = 6_000

const SAFE = [lost, phantom, duplicate, order, sequence, wrongAddressee, allAnswered, answeredOnce, conservation]
const safe = SAFE.map(({ name }) => name)
const [soon, answered, thawed, told] = [
  storedWithin(KILLED_MS),
  answeredWithin(ANSWERED_MS),
  storedAfterSilence(FROZEN_MS),
  toldWithin(TOLD_MS),
]
/** What the article promises: nothing is numbered, no task is counted. */
const SEEN = ['lost', 'duplicate', 'wrong-addressee']

interface Loss {
  fault: 'kill' | 'freeze' | 'minority' | 'restart'
  /** Its home is lost. */
  of: string
  /** How long it stays away. Milliseconds. */
  awayMs: number
  pairs: number
  prompts: number
}

const NODES = ['broker-1', 'broker-2', 'broker-3']
const WITHIN = { withinMs: 60_000 }
/** Of one user. Together half of what the GPUs can do. Milliseconds. */
const MESSAGE_EVERY_MS = 50
const PROMPT_EVERY_MS = 250

/** Time passes: a load or a loss has its length. */
async function pass(lab: ArmLab, ms: number): Promise<void> {
  const sinceMs = performance.now()
  await lab.until(`${ms} ms have passed`, () => performance.now() - sinceMs, { atLeast: ms, withinMs: ms + 60_000 })
}

async function loseNode(lab: ArmLab, { fault, of, awayMs }: Loss): Promise<void> {
  const home = await lab.queue(of).home()
  switch (fault) {
    case 'kill':
    case 'minority': {
      const killed = fault === 'kill' ? [home] : [home, NODES.find(name => name !== home) ?? '']
      await lab.broker.kill(...killed)
      await pass(lab, awayMs)
      await lab.broker.start(...killed)
      break
    }
    case 'freeze':
      await lab.broker.pause(home)
      await pass(lab, awayMs)
      await lab.broker.resume(home)
      await lab.until('the node serves again', () => lab.isReady(home), { equals: true, ...WITHIN })
      break
    case 'restart':
      for (const name of NODES) {
        await lab.broker.stop(name)
        await lab.broker.start(name)
      }
  }
}

export default scenario<Loss>('broker-node', {
  claim:
    'Of a broker of three nodes one is killed, frozen or restarted, or two are killed: no message or answer is lost, doubled or out of order, no sender meets silence, and all parts reconnect.',
  restartsBroker: true,
  sizes: {
    quick: { fault: 'kill', of: 'bot.tasks', awayMs: 4_000, pairs: 4, prompts: 40 },
    full: { fault: 'kill', of: 'bot.tasks', awayMs: 10_000, pairs: 12, prompts: 200 },
  },
  plan: { brokers: 3, settings: { timeScale: 50 } },
  arms: [
    { name: 'leader killed', judgedBy: [...safe, soon.name, answered.name, told.name] },
    { name: 'leader frozen', with: { fault: 'freeze', awayMs: 15_000 }, judgedBy: [...safe, thawed.name, told.name] },
    { name: 'two of three killed', with: { fault: 'minority' }, judgedBy: [...safe, told.name] },
    { name: 'rolling restart', with: { fault: 'restart' }, judgedBy: [...safe, told.name] },
  ],
  controls: [
    {
      name: 'classic task queue on the killed node',
      set: { taskQueueType: 'classic' },
      judgedBy: [...safe, answered.name],
      breaks: answered.name,
      because: 'a classic queue lies on one node: until that one is back, prompts wait in the database',
    },
    {
      name: "the article's fan-out queue on the killed node",
      set: { design: 'article' },
      with: { of: 'im.im-b' },
      judgedBy: SEEN,
      breaks: 'lost',
      because: 'its events are not stored, and the queue that takes them to the people of im-b lies on the lost node',
    },
  ],
  async run(lab, loss) {
    const askers = await lab.users(loss.prompts, { on: lab.nodeNames })
    const chatters = await Promise.all(
      Array.from({ length: 2 * loss.pairs }, (_, i) => lab.device(`chatter-${i}`, { on: [lab.nodeNames[i % 2] ?? ''] })),
    )
    await lab.warmUp(askers, loss.prompts, { withinMs: 60_000 })
    let isOver = false
    // Each writes to a neighbour on the other node, one message after the other.
    const chat = chatters.map(async (device, i) => {
      const to = chatters[i ^ 1]?.user ?? ''
      for (let sent = 0; !isOver; sent += 1) {
        await device.send(to, `message ${sent}`)
        await pass(lab, MESSAGE_EVERY_MS)
      }
    })
    const asked = Array.from({ length: loss.pairs }, async () => {
      while (!isOver) {
        await askers.askInTurn(['what do you do without your node?'])
        await pass(lab, PROMPT_EVERY_MS)
      }
    })
    const load = Promise.all([...chat, ...asked])
    load.catch(() => undefined) // Awaited below, unless the script ends before.
    const before = askers.answers()
    await lab.until('answers come', () => askers.answers() - before, { atLeast: loss.pairs, ...WITHIN })
    await loseNode(lab, loss)
    const after = askers.answers()
    await lab.until('answers come again', () => askers.answers() - after, { atLeast: loss.pairs, ...WITHIN })
    isOver = true
    await load
    await lab.quiescent({ withinMs: 60_000 })
  },
  checks: [...SAFE, soon, answered, thawed, told],
})
