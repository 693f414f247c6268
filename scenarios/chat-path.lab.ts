import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChatClient } from '#client'
import { conversationId } from '#contracts/ids'
import { PAGE_MESSAGES } from '#contracts/limits'
import { type Lab, startLab } from '#lab'

/** Chat across two IM nodes without GPUs. Refusals: `chat-edge.lab.ts`. */
let lab: Lab
beforeAll(async () => {
  // The rate cap has its own test.
  lab = await startLab({ gpus: [], workers: [], settings: { userFramesPerSecond: 100_000 } })
})
afterAll(() => lab[Symbol.asyncDispose]())

/** A device that writes down what it shows. */
async function device(user: string, ...nodes: string[]) {
  const shown: string[] = []
  const client = await lab.client(user, { nodes, on: { message: message => shown.push(`${message.seq} ${message.body}`) } })
  return { client, shown }
}

const WITHIN = { withinMs: 60_000 }
const shows = (device: { shown: string[] }, ...lines: string[]) =>
  lab.until('the device shows it', () => device.shown, { equals: lines, ...WITHIN })
const ignored = async (node: string) => {
  const metrics = await (await fetch(`${lab.url(node)}/metrics`)).text()
  return Number(/^chat_fanout_ignored_total(?:\{.*\})? (\d+)/m.exec(metrics)?.[1] ?? -1)
}
const stored = async (sent: ReturnType<ChatClient['send']>) => {
  const outcome = await sent
  expect(outcome).toMatchObject({ state: 'stored' })
  return outcome
}

/** First of all: plans are made on empty tables, and kept. */
test('a message costs as much after many as at first: no table is read as a whole for one', async () => {
  const ann = await device('ann0', 'im-a')
  const count = 300
  for (let i = 0; i < count; i++) await stored(ann.client.send(`bob0-${i % 100}`, `m${i}`))
  const read = () =>
    lab.sql<{ table: string; inserted: number; read: number }>(
      'select relname as table, n_tup_ins::int as inserted, seq_tup_read::int as read from pg_stat_user_tables order by 1',
    )
  // A connection tells its figures when it has rested for ten seconds.
  const inserted = async () => (await read()).find(({ table }) => table === 'messages')?.inserted
  await lab.until('the database has counted them', inserted, { equals: count, withinMs: 60_000 })
  for (const { table, read: rows } of await read()) expect(rows, table).toBeLessThan(5 * count)
})

test('a message crosses from node to node, both ways, to every device of both users, once', async () => {
  const [ann, annPhone] = [await device('ann1', 'im-a'), await device('ann1', 'im-b')]
  const [bob, bobPhone] = [await device('bob1', 'im-b'), await device('bob1', 'im-a')]
  await stored(ann.client.send('bob1', 'hello'))
  await stored(bob.client.send('ann1', 'hi'))
  for (const each of [ann, annPhone, bob, bobPhone]) await shows(each, '1 hello', '2 hi')
})

test('two senders on two nodes at once: one sequence without holes, the same order for everybody', async () => {
  const [ann, bob] = [await device('ann2', 'im-a'), await device('bob2', 'im-b')]
  const sends = Array.from({ length: 200 }, (_, i) => [ann.client.send('bob2', `a${i}`), bob.client.send('ann2', `b${i}`)]).flat()
  await Promise.all(sends.map(stored))
  await lab.until('both show all', () => [ann.shown.length, bob.shown.length], { equals: [400, 400], ...WITHIN })
  expect(bob.shown).toEqual(ann.shown)
  expect(ann.shown.map(line => Number(line.split(' ')[0]))).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
})

test('the same client id on another node: the same seq; with another body: refused', async () => {
  const [here, there] = [await device('ann3', 'im-a'), await device('ann3', 'im-b')]
  const clientMessageId = '01890a5d-ac96-774b-bcce-b302099a8057'
  const [first, again] = await Promise.all(
    [here.client, there.client].map(client => stored(client.send('bob3', 'once', { clientMessageId }))),
  )
  expect(again).toMatchObject({ seq: first?.state === 'stored' ? first.seq : -1 })
  expect(await there.client.send('bob3', 'other', { clientMessageId })).toMatchObject({ state: 'refused', code: 'ID_REUSED' })
  expect((await here.client.history({ with: 'bob3' })).messages.map(message => message.body)).toEqual(['once'])
})

test('a returning user gets everything missed, in pages, and only their own', async () => {
  const ann = await device('ann4', 'im-a')
  const count = 2 * PAGE_MESSAGES + 7
  await Promise.all(Array.from({ length: count }, (_, i) => stored(ann.client.send('bob4', `m${i}`))))
  await stored(ann.client.send('eve4', 'not for bob'))
  const bob = await device('bob4', 'im-b')
  await lab.until('bob is at head', () => bob.client.atHead && bob.shown.length, { equals: count, ...WITHIN })
  expect(new Set(bob.shown).size).toBe(count)
  const page = await bob.client.history({ with: 'ann4', after: count - 2, limit: 10 })
  expect(page).toMatchObject({ conversation: conversationId('ann4', 'bob4'), headSeq: count })
  expect(page.messages.map(message => message.seq)).toEqual([count - 1, count])
})

test('a node without the addressee ignores the event and counts it', async () => {
  const [ann, bob] = [await device('ann5', 'im-a'), await device('bob5', 'im-a')]
  const before = await ignored('im-b')
  expect(before).toBeGreaterThanOrEqual(0)
  await stored(ann.client.send('bob5', 'stays on im-a'))
  await shows(bob, '1 stays on im-a')
  await lab.until('im-b counted it', () => ignored('im-b'), { atLeast: before + 1, ...WITHIN })
})

test('a killed node: its users move to the other and miss nothing', async () => {
  const ann = await device('ann6', 'im-a', 'im-b')
  const bob = await device('bob6', 'im-b')
  await stored(bob.client.send('ann6', 'before'))
  await shows(ann, '1 before')
  await lab.kill('im-a')
  await stored(bob.client.send('ann6', 'meanwhile'))
  await lab.until('ann is on im-b', () => ann.client.online && ann.client.node, { equals: 'im-b', ...WITHIN })
  await stored(ann.client.send('bob6', 'still here'))
  await shows(ann, '1 before', '2 meanwhile', '3 still here')
  await shows(bob, '1 before', '2 meanwhile', '3 still here')
  await lab.start('im-a')
})

test('the broker killed in mid-chat: what was stored is seen, the rest is refused', async () => {
  const [ann, bob] = [await device('ann7', 'im-a'), await device('bob7', 'im-b')]
  await stored(ann.client.send('bob7', 'before'))
  await shows(bob, '1 before')
  const broken = lab.kill('rabbitmq')
  const during = ann.client.send('bob7', 'during')
  await broken
  await lab.start('rabbitmq')
  await stored(during)
  await shows(bob, '1 before', '2 during')
  await shows(ann, '1 before', '2 during')
})

test('the database killed in mid-chat: nothing that was stored is lost', async () => {
  const [ann, bob] = [await device('ann8', 'im-a'), await device('bob8', 'im-b')]
  await stored(ann.client.send('bob8', 'before'))
  await lab.kill('postgres')
  const during = ann.client.send('bob8', 'during')
  await lab.start('postgres')
  await stored(during)
  await shows(bob, '1 before', '2 during')
})
