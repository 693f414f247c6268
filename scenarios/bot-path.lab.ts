import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answerDirective } from '#contracts/gpu-timing'
import { resolveSettings } from '#contracts/settings'
import { ARTICLE_APOLOGY } from '#contracts/tasks'
import { DEAD_QUEUE, taskQueue } from '#contracts/topology'
import { type Lab, startLab } from '#lab'

/** From prompt to answer, across broker, workers and simulated GPUs, with failures. */
let lab: Lab
beforeAll(async () => {
  const settings = { timeScale: 20, gpuColdLoad: false, waitingMs: 100, taskAttemptsMax: 3, inferenceGapMs: 2_000 }
  lab = await startLab({ settings }, { spaces: 5 })
})
afterAll(() => lab[Symbol.asyncDispose]())

const WITHIN = { withinMs: 60_000 }
/** One second on the fast GPU, 2.5 on the slow one: long enough to be interrupted. */
const LONG = answerDirective(400)

/** A device that writes down what it shows. */
async function device(user: string, ...nodes: string[]) {
  const partials: string[] = []
  const waiting: { ahead: number; workersOnline: number }[] = []
  const messages: string[] = []
  const client = await lab.client(user, {
    nodes,
    on: {
      partial: ({ text, cleared }) => partials.push(cleared ? `cleared ${text}` : text),
      waiting: ({ ahead, workersOnline }) => waiting.push({ ahead, workersOnline }),
      message: ({ sender, body }) => messages.push(`${sender}: ${body}`),
    },
  })
  return { client, partials, waiting, messages }
}

async function inferences(task: string) {
  const logs = await Promise.all(
    lab.plan.gpus.map(async gpu => (await lab.inferences(gpu.name)).map(entry => ({ ...entry, gpu: gpu.name }))),
  )
  return logs.flat().filter(entry => entry.task === task)
}
const heal = () => Promise.all(lab.plan.gpus.map(gpu => lab.faults(gpu.name, {})))
const dead = () => lab.queue(DEAD_QUEUE)

describe('the plain path', () => {
  test('an answer streams to every device of the asker and is saved once', async () => {
    const [here, there] = [await device('ann1', 'im-a'), await device('ann1', 'im-b')]
    const answer = await here.client.ask(`what is a prefetch? ${LONG}`)
    expect(answer).toMatchObject({ state: 'answered', message: { sender: 'URobot', answered: true } })
    const body = answer.state === 'answered' ? answer.message.body : ''
    for (const each of [here, there]) {
      await lab.until('the answer is shown', () => each.messages.at(-1), { equals: `URobot: ${body}`, ...WITHIN })
      expect(each.messages).toHaveLength(2)
      expect(each.partials.length).toBeGreaterThan(1)
      for (const [i, text] of each.partials.entries())
        expect(body.startsWith(text) && text.length > (each.partials[i - 1]?.length ?? 0)).toBe(true)
    }
    const task = answer.state === 'answered' ? answer.task : ''
    expect(body).toMatch(/^Simulated answer/)
    expect(await inferences(task)).toMatchObject([{ outcome: 'done', attempt: 1 }])
    await lab.until('settled', () => lab.queue(taskQueue('chat')), { is: count => count?.ready === 0, ...WITHIN })
  })

  test('without workers the asker gets a notice; then the answers come, oldest first', async () => {
    await lab.stop('workers')
    const asker = await device('ann2', 'im-a')
    const asked = [asker.client.ask('one'), asker.client.ask('two')]
    await lab.until('waiting, none online', () => asker.waiting.at(-1), { equals: { ahead: 1, workersOnline: 0 }, ...WITHIN })
    expect(await lab.queue(taskQueue('chat'))).toEqual({ ready: 2, consumers: 0 })
    await lab.start('workers')
    expect((await Promise.all(asked)).map(answer => answer.state)).toEqual(['answered', 'answered'])
  })

  test('a cancelled prompt is not answered', async () => {
    await lab.stop('workers')
    const asker = await device('ann3', 'im-b')
    const sent = await asker.client.send('URobot', 'never mind')
    const task = sent.state === 'stored' ? (sent.task ?? '') : ''
    expect(await asker.client.cancel(task)).toMatchObject({ state: 'cancelled' })
    await lab.start('workers')
    await lab.until('drained', () => lab.queue(taskQueue('chat')), { is: count => count?.ready === 0, ...WITHIN })
    expect(await asker.client.ask('but this')).toMatchObject({ state: 'answered' })
    expect(await inferences(task)).toEqual([])
  })
})

describe('failures', () => {
  afterEach(heal)

  test('a worker killed in mid-inference: another takes over, one answer, the first text is cleared', async () => {
    await lab.stop('worker-fast')
    await lab.faults('gpu-slow', { hangAfterTokens: 100 }) // It stays in the middle.
    const asker = await device('bob1', 'im-a')
    const asked = asker.client.ask(`slowly ${LONG}`)
    await lab.until('the slow one is at it', () => asker.partials.length, { atLeast: 1, ...WITHIN })
    await lab.kill('worker-slow')
    await lab.start('worker-fast')
    const answer = await asked
    expect(answer).toMatchObject({ state: 'answered' })
    const runs = await inferences(answer.state === 'answered' ? answer.task : '')
    expect(runs.map(run => [run.gpu, run.attempt, run.outcome]).sort()).toEqual([
      ['gpu-fast', 2, 'done'],
      ['gpu-slow', 1, 'aborted'],
    ])
    expect(asker.messages.filter(line => line.startsWith('URobot'))).toHaveLength(1)
    expect(asker.partials.some(text => text.startsWith('cleared'))).toBe(true)
    await lab.start('worker-slow')
  })

  test.each([
    ['an error status', { status: 500 }],
    ['a cut stream', { cutAfterTokens: 5 }],
    ['an error line in mid-stream', { errorAfterTokens: 5 }],
    ['a line that is not JSON', { badJsonAfterTokens: 5 }],
    ['silence', { hangAfterTokens: 5 }],
  ])('poison (%s): an apology after three attempts, the task in the dead-letter queue, neighbours unharmed', async (name, fault) => {
    const poison = `poison by ${name}`
    for (const gpu of lab.plan.gpus) expect(await lab.faults(gpu.name, { ...fault, onlyPromptsWith: poison })).toMatchObject(fault)
    const before = (await dead())?.ready ?? 0
    const [asker, neighbour] = [await device('bob2', 'im-a'), await device('bob3', 'im-b')]
    const [given, other] = await Promise.all([asker.client.ask(`${poison} ${LONG}`), neighbour.client.ask('fine')])
    expect(given).toMatchObject({ state: 'apology', message: { body: resolveSettings({}).apologyText, answered: false } })
    expect(other).toMatchObject({ state: 'answered' })
    // The third poison in a row looks like the server's fault: that attempt does not count.
    const task = given.state === 'apology' ? given.task : ''
    const [row] = await lab.sql<{ attempts: number; counted: number }>(
      'select attempts, attempts - refunded as counted from tasks where id = $1',
      [task],
    )
    expect([row?.counted, (await inferences(task)).length]).toEqual([3, row?.attempts])
    await lab.until('it lies in the dead-letter queue', async () => (await dead())?.ready, { equals: before + 1, ...WITHIN })
  })

  test('a model server that is down: its worker leaves service, nobody loses an attempt, it comes back', async () => {
    await lab.stop('gpu-fast', 'gpu-slow')
    const asker = await device('bob4', 'im-a')
    const asked = asker.client.ask('anybody?')
    await lab.until('no worker online', () => asker.waiting.at(-1), { equals: { ahead: 0, workersOnline: 0 }, ...WITHIN })
    await lab.start('gpu-fast', 'gpu-slow')
    const answer = await asked
    expect(answer).toMatchObject({ state: 'answered' })
    const rows = await lab.sql<{ attempts: number }>('select attempts - refunded as attempts from tasks where id = $1', [
      answer.state === 'answered' ? answer.task : '',
    ])
    expect(rows).toEqual([{ attempts: 1 }])
  })

  test('a worker frozen in mid-inference and thawed: one answer', async () => {
    const asker = await device('bob5', 'im-b')
    const asked = asker.client.ask(`hold on ${LONG}`)
    await lab.until('it streams', () => asker.partials.length, { atLeast: 1, ...WITHIN })
    await lab.pause('workers')
    await lab.resume('workers')
    expect(await asked).toMatchObject({ state: 'answered' })
    expect(asker.messages.filter(line => line.startsWith('URobot'))).toHaveLength(1)
  })

  test('the broker restarted with a backlog: all answered once', async () => {
    await lab.stop('workers')
    const asker = await device('bob6', 'im-a')
    const asked = Array.from({ length: 5 }, (_, i) => asker.client.ask(`waits ${i}`))
    await lab.until('all wait', async () => (await lab.queue(taskQueue('chat')))?.ready, { equals: 5, ...WITHIN })
    await lab.stop('rabbitmq')
    await lab.start('rabbitmq')
    await lab.start('workers')
    expect((await Promise.all(asked)).map(answer => answer.state)).toEqual(Array(5).fill('answered'))
    expect(asker.messages.filter(line => line.startsWith('URobot'))).toHaveLength(5)
  })
})

describe('other settings', () => {
  test('a model server that is already there, by its URL: the lab starts none in its place', async () => {
    await using own = await startLab({
      // Any server with Ollama's API.
      gpus: [{ name: 'gpu-fast', profile: '', url: lab.url('gpu-fast') }],
      workers: [{ name: 'worker-fast', gpu: 'gpu-fast' }],
    })
    expect(own.parts.map(part => part.name)).toEqual(['rabbitmq', 'postgres', 'im-a', 'im-b', 'worker-fast'])
    const answer = await (await own.client('ann')).ask('are you real?')
    expect(answer).toMatchObject({ state: 'answered' })
    expect(await inferences(answer.state === 'answered' ? answer.task : '')).toMatchObject([{ worker: 'worker-fast', outcome: 'done' }])
  })

  test('an IM node with a capability answers with the same code, by further queues too', async () => {
    await lab.renew({
      imNodes: ['im-a', 'im-b'],
      gpus: [{ name: 'gpu-fast', profile: 'rtx-4090' }],
      workers: [],
      settings: { timeScale: 50, gpuColdLoad: false, capabilitiesOffered: ['chat', 'chat.14b'] },
      partSettings: { 'im-b': { capabilities: ['chat', 'chat.14b'] } },
    })
    const client = await lab.client('ann', { nodes: ['im-a'] })
    expect(await client.ask('small')).toMatchObject({ state: 'answered' })
    expect(await client.ask('large', { capability: 'chat.14b' })).toMatchObject({ state: 'answered' })
    expect(await client.ask('unheard of', { capability: 'paint' })).toMatchObject({ state: 'refused', code: 'UNKNOWN_CAPABILITY' })
    expect(await lab.queue('bot.tasks.chat.14b')).toEqual({ ready: 0, consumers: 1 })
    expect((await lab.inferences('gpu-fast')).map(run => run.worker)).toEqual(['im-b-worker', 'im-b-worker'])
  })

  test('classic queues; caps on waiting tasks and on the queue refuse at once', async () => {
    const settings = { taskQueueType: 'classic', timeScale: 50, gpuColdLoad: false, userTasksMax: 3, taskQueueMaxTasks: 4 } as const
    await lab.renew({ settings })
    await lab.stop('workers')
    const [ann, bob] = [await lab.client('ann'), await lab.client('bob')]
    const asked = [ann, ann, ann, bob].map((client, i) => client.ask(`q${i}`))
    await lab.until('four wait', async () => (await lab.queue(taskQueue('chat')))?.ready, { equals: 4, withinMs: 60_000 })
    expect(await ann.send('URobot', 'one too many')).toMatchObject({ state: 'refused', code: 'TOO_MANY_TASKS' })
    const busy: string[] = []
    bob.on('refused', frame => busy.push(`${frame.code} ${frame.retryable}`))
    asked.push(bob.ask('the queue is full'))
    await lab.until('bob hears that', () => busy[0], { equals: 'BUSY true', withinMs: 60_000 })
    await lab.start('workers')
    expect((await Promise.all(asked)).map(answer => answer.state)).toEqual(Array(5).fill('answered'))
  })

  test('the design article: transient, unnumbered; an answer without a marker becomes the apology', async () => {
    await lab.renew({
      settings: { design: 'article', timeScale: 50, gpuColdLoad: false },
      partSettings: { 'worker-fast': { model: 'llama3.1:8b' } },
    })
    const [ann, bob] = [await lab.client('ann', { nodes: ['im-a'] }), await lab.client('bob', { nodes: ['im-b'] })]
    const seen: string[] = []
    bob.on('message', message => seen.push(`${message.seq} ${message.body}`))
    expect(await ann.send('bob', 'hello')).toMatchObject({ state: 'stored', seq: 0 })
    await lab.until('bob sees it', () => seen, { equals: ['0 hello'], withinMs: 60_000 })
    await lab.stop('worker-fast')
    expect(await ann.ask('a model that reasons')).toMatchObject({
      state: 'answered',
      message: { body: expect.not.stringContaining('think') },
    })
    await lab.stop('worker-slow')
    await lab.start('worker-fast')
    expect(await ann.ask('a plain model')).toMatchObject({ state: 'apology', message: { body: ARTICLE_APOLOGY } })
  })

  test('automatic ack: a killed worker takes its tasks with it', async () => {
    await lab.renew({ settings: { workerAck: 'automatic', workerPrefetchTasks: 0, timeScale: 5, gpuColdLoad: false } })
    await lab.stop('worker-fast')
    const client = await lab.client('ann')
    for (let i = 0; i < 3; i += 1) await client.send('URobot', `lost ${i} ${LONG}`)
    await lab.until('the worker has them all', async () => (await lab.queue(taskQueue('chat')))?.ready, { equals: 0, withinMs: 60_000 })
    await lab.until('one runs', async () => (await lab.inferences('gpu-slow')).length, { atLeast: 1, withinMs: 60_000 })
    await lab.kill('worker-slow')
    await lab.start('worker-fast')
    // After the lost ones in any fair order.
    expect(await client.ask('and you?')).toMatchObject({ state: 'answered' })
    const rows = await lab.sql<{ state: string; count: string }>('select state, count(*) from tasks group by state order by state')
    expect(Object.fromEntries(rows.map(row => [row.state, Number(row.count)]))).toEqual({ answered: 1, queued: 2, running: 1 })
  })
})
