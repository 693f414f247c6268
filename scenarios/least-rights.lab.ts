import { connect } from 'amqplib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FANOUT_EXCHANGE, TASK_EXCHANGE } from '#contracts/topology'
import { type Lab, startLab } from '#lab'

/** A worker stands at somebody's home: what its credentials are good for, and what they are not. */
let lab: Lab
beforeAll(async () => {
  lab = await startLab({ imNodes: ['im-a'], gpus: [], workers: [] })
})
afterAll(() => lab[Symbol.asyncDispose]())

test('guest is gone', async () => {
  const { port } = new URL(lab.url('rabbitmq', 'amqp'))
  for (const host of ['lab', '%2F'])
    await expect(connect(`amqp://guest:guest@127.0.0.1:${port}/${host}`)).rejects.toThrow(/403|ACCESS.REFUSED/i)
})

test('a worker cannot read chat messages: no queue of its own, none of a node, no binding to the fan-out', async () => {
  const nodes = await lab.broker()
  await nodes.assertQueue('im.im-z')
  const attempts = [
    async () => (await lab.broker('worker')).assertQueue('', { exclusive: true }),
    async () => (await lab.broker('worker')).assertQueue('mine'),
    async () => (await lab.broker('worker')).get('im.im-z'),
    async () => {
      const channel = await lab.broker('worker')
      await channel.assertQueue('bot.mine') // Its own kind of name, yet no way to bind it.
      await channel.bindQueue('bot.mine', FANOUT_EXCHANGE, '')
    },
    async () => (await lab.broker('worker')).deleteExchange(FANOUT_EXCHANGE),
  ]
  for (const attempt of attempts) await expect(attempt()).rejects.toThrow(/403/)
  await (await lab.broker('worker')).checkExchange(TASK_EXCHANGE)
})

test.each(['users', 'conversations', 'members', 'messages', 'tasks'])('a worker may neither read nor write the table %s', async table => {
  for (const statement of [`select * from ${table}`, `delete from ${table}`])
    await expect(lab.sql(statement, [], 'worker')).rejects.toThrow(/permission denied/)
  await expect(lab.sql(`delete from ${table}`, [], 'im')).rejects.toThrow(/permission denied/)
})

test('a worker may settle tasks; only nodes publish and cancel them', async () => {
  const id = '01890a5d-ac96-774b-bcce-b302099a8057'
  const calls: [string, unknown[]][] = [
    ['select claim_unpublished(0, 10)', []],
    ['select claim_unpublished_in_order(0, 10, 1)', []],
    ['select claim_next_tasks($1::uuid[], 1)', [[id]]],
    ['select cancel_task($1::uuid, $2)', [id, 'ann']],
    ['select cancel_task_in_order($1::uuid, $2)', [id, 'ann']],
    ['select add_tasks_in_order($1::uuid[], $1::uuid[], $2::bigint[], $3::text[], $3::text[], $3::text[], $1::uuid[], 1)', [[], [], []]],
  ]
  for (const [call, values] of calls) {
    await expect(lab.sql(call, values, 'worker')).rejects.toThrow(/permission denied/)
    await lab.sql(call, values, 'im') // The call itself is sound.
  }
  expect(await lab.sql('select * from begin_attempt($1::uuid, $2, 3)', [id, 'me'], 'worker')).toEqual([
    { outcome: 'absent', attempt: 0, counted: 0 },
  ])
})

test('effective settings and metrics are shown, secrets are not', async () => {
  const paths = ['/settings', '/metrics', '/readyz', '/healthz']
  const texts = await Promise.all(paths.map(async path => (await fetch(new URL(path, lab.url('im-a')))).text()))
  expect(texts[0]).toContain('"chatStored":true')
  expect(texts[1]).toContain('chat_fanout_published_total')
  for (const text of [...texts, await lab.logTail('im-a', 1_000)]) {
    expect(text).not.toContain(lab.secret)
    expect(text).not.toMatch(/amqp:\/\/[^ ]*:[^ ]*@|postgres:\/\/[^ ]*:[^ ]*@/)
  }
})
