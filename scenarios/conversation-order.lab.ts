import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ChatClient } from '#client'
import { conversationId, taskId } from '#contracts/ids'
import type { SettingsInput } from '#contracts/settings'
import { taskQueue } from '#contracts/topology'
import { type Lab, type LabPlan, startLab } from '#lab'

/** Several questions in a row in one conversation, and two workers at 3.5 : 1: answer order. */

const WITHIN = { withinMs: 60_000 }
const FIVE = ['one', 'two', 'three', 'four', 'five']

/** 20 and 70 ms an answer. */
const unequalWorkers = (settings: SettingsInput): Partial<LabPlan> => ({
  gpus: [
    { name: 'gpu-fast', profile: 'synthetic-fast' },
    { name: 'gpu-slow', profile: 'synthetic-slow' },
  ],
  settings: { timeScale: 5, gpuColdLoad: false, ...settings },
})

let lab: Lab
beforeAll(async () => {
  lab = await startLab(unequalWorkers({ conversationInOrder: true, relayMs: 0, waitingMs: 50 }), { spaces: 3 })
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Asked {
  seq: number
  task: string
}
/** Asks all at once, alternating devices; returns the result in conversation order. */
async function ask(devices: ChatClient[], prompts: string[]): Promise<Asked[]> {
  const sent = await Promise.all(prompts.map((prompt, i) => devices[i % devices.length]!.send('URobot', prompt)))
  return sent
    .map(outcome => {
      expect(outcome).toMatchObject({ state: 'stored' })
      return outcome.state === 'stored' ? { seq: outcome.seq, task: outcome.task ?? '' } : { seq: 0, task: '' }
    })
    .sort((a, b) => a.seq - b.seq)
}
/** The answers in the order of the questions. */
async function answers(device: ChatClient, asked: Asked[]) {
  const outcomes = await Promise.all(asked.map(({ task }) => device.answer(task, WITHIN.withinMs)))
  return outcomes.map(outcome => {
    expect(['answered', 'apology']).toContain(outcome.state)
    return outcome.state === 'answered' || outcome.state === 'apology' ? outcome.message : undefined
  })
}
/** Neighbouring questions of which the later one was answered first. */
const inversions = (messages: ({ seq: number } | undefined)[]) =>
  messages.filter((message, i) => i > 0 && (message?.seq ?? 0) < (messages[i - 1]?.seq ?? 0)).length

/** Four people, each with a device on either node, ask five questions in a row. */
async function fiveInARow(): Promise<{ inversions: number[]; conversations: Asked[][] }> {
  const people = await Promise.all(
    ['ann', 'bob', 'eve', 'zoe'].map(user => Promise.all(lab.plan.imNodes.map(on => lab.client(user, { nodes: [on] })))),
  )
  const conversations = await Promise.all(people.map(devices => ask(devices, FIVE)))
  const answered = await Promise.all(people.map((devices, i) => answers(devices[0]!, conversations[i]!)))
  return { inversions: answered.map(inversions), conversations }
}

/** Inferences of all GPUs with the conversation that each belongs to. Milliseconds. */
async function spans(conversations: Asked[][]) {
  const logs = await Promise.all(lab.plan.gpus.map(gpu => lab.inferences(gpu.name)))
  return logs.flat().flatMap(({ task, startedAtNs, endedAtNs }) => {
    const conversation = conversations.findIndex(asked => asked.some(each => each.task === task))
    return conversation < 0 || startedAtNs === undefined || endedAtNs === undefined
      ? []
      : [{ conversation, startMs: Number(startedAtNs) / 1e6, endMs: Number(endedAtNs) / 1e6 }]
  })
}

describe('in order, and nothing that needs the relay', () => {
  const heal = () => Promise.all(lab.plan.gpus.map(gpu => lab.faults(gpu.name, {})))
  afterEach(async () => {
    await heal()
    await lab.start('nodes', 'workers')
  })

  const ready = () => lab.queue(taskQueue('chat')).then(count => count?.ready)
  const states = async (asked: Asked[]) => {
    const rows = await lab.sql<{ id: string; state: string; held: boolean }>(
      'select id, state, published_at is null and claimed_at is null as held from tasks where id = any ($1) order by seq',
      [asked.map(({ task }) => task)],
    )
    return rows.map(({ state, held }) => (held && state === 'queued' ? 'held' : state))
  }

  test('five questions in a row, asked on two nodes: answered in order, one at a time; conversations go on side by side', async () => {
    const { inversions, conversations } = await fiveInARow()
    expect(inversions).toEqual([0, 0, 0, 0])
    const all = await spans(conversations)
    expect(all).toHaveLength(20)
    const together = all.flatMap((a, i) =>
      all.slice(i + 1).flatMap(b => (a.startMs < b.endMs && b.startMs < a.endMs ? [[a, b] as const] : [])),
    )
    expect(together.filter(([a, b]) => a.conversation === b.conversation)).toEqual([])
    expect(together.length).toBeGreaterThan(0)
  })

  test('a question that hangs holds up its own conversation alone', async () => {
    for (const gpu of lab.plan.gpus) await lab.faults(gpu.name, { hangAfterTokens: 1, onlyPromptsWith: 'hangs' })
    const [ann, bob] = [await lab.client('ann2'), await lab.client('bob2')]
    const stuck = await ask([ann], ['hangs', 'two', 'three'])
    await lab.until('it hangs', () => states(stuck), { equals: ['running', 'held', 'held'], ...WITHIN })
    expect(inversions(await answers(bob, await ask([bob], FIVE)))).toBe(0)
    expect(await states(stuck)).toEqual(['running', 'held', 'held'])
    await heal()
    await lab.kill('workers')
    await lab.start('workers')
    expect(inversions(await answers(ann, stuck))).toBe(0)
  })

  test('a cancelled question releases the next, whether it waits, runs or is held back itself', async () => {
    await lab.stop('workers')
    const [here, there] = [await lab.client('ann3', { nodes: ['im-a'] }), await lab.client('ann3', { nodes: ['im-b'] })]
    const asked = await ask([here], FIVE) // Over one device: two would race for the third place.
    await lab.until('the first one waits', ready, { equals: 1, ...WITHIN })
    expect(await there.cancel(asked[1]!.task)).toEqual({ state: 'cancelled' })
    expect(await states(asked)).toEqual(['queued', 'cancelled', 'held', 'held', 'held'])
    expect(await here.cancel(asked[0]!.task)).toEqual({ state: 'cancelled' })
    await lab.until('the third one waits too', ready, { equals: 2, ...WITHIN })
    expect(await states(asked)).toEqual(['cancelled', 'cancelled', 'queued', 'held', 'held'])
    for (const gpu of lab.plan.gpus) await lab.faults(gpu.name, { hangAfterTokens: 1, onlyPromptsWith: 'three' })
    await lab.start('workers')
    await lab.until('the third one runs', () => states(asked), { equals: ['cancelled', 'cancelled', 'running', 'held', 'held'], ...WITHIN })
    expect(await here.cancel(asked[2]!.task)).toEqual({ state: 'cancelled' })
    expect(inversions(await answers(there, asked.slice(3)))).toBe(0)
    await lab.kill('workers') // One of them still hangs.
  })

  test('a question stored during the cancellation of the one before it is published', async () => {
    const [here, there] = [await lab.client('ann4', { nodes: ['im-a'] }), await lab.client('ann4', { nodes: ['im-b'] })]
    await lab.stop('workers')
    const [first] = await ask([here], ['never mind'])
    // A transaction holds its row's id: the second question, not due, waits at its insert.
    const conversation = conversationId('ann4', 'URobot')
    await using session = await lab.sqlSession()
    await session.query('begin')
    await session.query(
      "insert into tasks (id, conversation, seq, asker, robot, capability, client_message_id) values ($1, $2, 2, 'x', 'x', 'x', $1)",
      [taskId(conversation, 2), conversation],
    )
    const waiting = async () => Number((await lab.sql<{ n: string }>('select count(*) as n from pg_locks where not granted'))[0]?.n)
    const next = ask([there], ['but this'])
    await lab.until('the second question waits', waiting, { equals: 1, ...WITHIN })
    let ended = 0
    const cancelled = here.cancel(first!.task).finally(() => {
      ended = 1
    })
    await lab.until('the cancellation waits or is done', async () => ended + (await waiting()), { equals: 2, ...WITHIN })
    await session.query('rollback')
    expect(await cancelled).toEqual({ state: 'cancelled' })
    const asked = await next
    await lab.until('the second question is released', () => states(asked), { equals: ['queued'], ...WITHIN })
    await lab.start('workers')
    expect(await answers(there, asked)).toMatchObject([{ answered: true }])
  })

  test('an apology releases the next question', async () => {
    for (const gpu of lab.plan.gpus) await lab.faults(gpu.name, { status: 500, onlyPromptsWith: 'poison' })
    const ann = await lab.client('ann5')
    const messages = await answers(ann, await ask([ann], ['poison', 'fine', 'fine too']))
    expect(messages.map(message => message?.answered === false)).toEqual([true, false, false])
    expect(inversions(messages)).toBe(0)
  })

  test('those who wait hear how many are before them: held ones queue behind what was asked meanwhile', async () => {
    await lab.stop('workers')
    const ahead = new Map<string, number>()
    const on = { waiting: (frame: { task: string; ahead: number }) => void ahead.set(frame.task, frame.ahead) }
    const [ann, bob] = [await lab.client('ann6', { nodes: ['im-a'], on }), await lab.client('bob6', { nodes: ['im-b'], on })]
    const asked = [...(await ask([ann], ['one', 'two', 'three'])), ...(await ask([bob], ['one']))]
    await lab.until('all have a place', () => asked.map(({ task }) => ahead.get(task)), { equals: [0, 2, 3, 1], ...WITHIN })
    await lab.start('workers')
    expect(inversions(await answers(ann, asked.slice(0, 3)))).toBe(0)
  })

  test('after the kill of a node the other one releases its questions', async () => {
    await lab.stop('workers')
    const [here, there] = [await lab.client('ann7', { nodes: ['im-a'] }), await lab.client('ann7', { nodes: ['im-b'] })]
    const asked = await ask([here], FIVE)
    await lab.kill('im-a')
    await lab.start('workers')
    expect(inversions(await answers(there, asked))).toBe(0)
  })
})

test('a missed end, or a dead claimer: the relay publishes the next task, none before its turn', async () => {
  await lab.renew(unequalWorkers({ conversationInOrder: true, relayMs: 100, userTasksMax: 4 }))
  await lab.stop('workers')
  const ann = await lab.client('ann')
  const asked = await ask([ann], FIVE.slice(0, 4))
  // Held-back ones count.
  expect(await ann.send('URobot', 'one too many')).toMatchObject({ state: 'refused', code: 'TOO_MANY_TASKS' })
  const tasks = asked.map(({ task }) => task)
  /** Ends a task as save_answer does, and tells nobody. */
  const end = (task: string | undefined) =>
    lab.sql("update tasks set state = 'answered', ended_at = clock_timestamp() where id = $1", [task])
  const published = async () => {
    const rows = await lab.sql<{ id: string }>('select id from tasks where id = any ($1) and published_at is not null order by seq', [
      tasks,
    ])
    return rows.map(({ id }) => id)
  }
  await lab.until('the first one is published', published, { equals: tasks.slice(0, 1), ...WITHIN })

  await lab.pause('nodes') // So that no relay comes first.
  await end(tasks[0])
  const claims = await Promise.all(
    Array.from({ length: 8 }, () => lab.sql<{ id: string }>('select id from claim_next_tasks($1, 1)', [tasks], 'im')),
  )
  await lab.resume('nodes')
  expect(claims.flat()).toEqual([{ id: tasks[1] }]) // One winner, which dies before its publish.
  await lab.until('the relay publishes it', published, { equals: tasks.slice(0, 2), ...WITHIN })
  // The others are as old; the same look of the relay left them where they were.
  await end(tasks[1])
  await lab.until('the relay publishes the third', published, { equals: tasks.slice(0, 3), ...WITHIN })
  await lab.start('workers')
  expect(await answers(ann, asked.slice(2))).toMatchObject([{ answered: true }, { answered: true }])
})

test('the setting off: the same questions are answered out of order', async () => {
  await lab.renew(unequalWorkers({}))
  const { inversions } = await fiveInARow()
  expect(inversions.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0)
})
