import { expect, test } from 'vitest'
import { conversationId, taskId } from '#contracts/ids'
import { device, twoNodes } from './fake/device.ts'
import { on } from './fake/node.ts'
import { ROBOT } from './fake/store.ts'
import { until } from './fake/until.ts'

test('a message crosses nodes, is stored, and reaches every device of both once', async () => {
  await using lab = await twoNodes()
  await using ann = await device('ann', [lab.a])
  await using bob = await device('bob', [lab.b])
  await using bobPhone = await device('bob', [lab.a])
  expect(await ann.client.send('bob', 'hello')).toMatchObject({ state: 'stored', seq: 1, attempts: 1 })
  await until('all three show it', () => [ann, bob, bobPhone].every(d => d.shown.join() === 'hello'))
})

test('lost, repeated and late messages are shown once and in order', async () => {
  await using lab = await twoNodes()
  await using ann = await device('ann', [lab.a])
  await using bob = await device('bob', [lab.b])
  const fates = { 2: 'drop', 4: 'twice', 5: 'hold', 6: 'hold' } as const
  lab.b.fate = ({ seq }) => fates[seq as keyof typeof fates] ?? 'deliver'
  for (let i = 1; i <= 8; i += 1) await ann.client.send('bob', `m${i}`)
  await until('bob has all', () => bob.shown.length === 8)
  lab.b.release() // latest first, and too late: shown already
  await until('the late ones came', () => bob.client.counters.rawDuplicates >= 3)
  expect(bob.shown).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8'])
  expect(bob.client.view).toMatchObject({ inversions: 0, atHead: true })
  expect(bob.log.some(line => line.startsWith('repaired'))).toBe(true)
})

test('the last message of all, lost, is found by the head that the node tells', async () => {
  await using lab = await twoNodes()
  await using ann = await device('ann', [lab.a])
  await using bob = await device('bob', [lab.b])
  lab.b.fate = () => 'drop'
  await ann.client.send('bob', 'unseen')
  expect(bob.shown).toEqual([])
  lab.b.broadcast({ type: 'head', heads: lab.store.heads('bob') })
  await until('bob shows it', () => bob.shown.length === 1)
})

test('a returning client gets what it missed, page by page; old cursors leave out what was seen', async () => {
  await using lab = await twoNodes()
  await using ann = await device('ann', [lab.a])
  for (let i = 1; i <= 10; i += 1) await ann.client.send('bob', `m${i}`) // pages of 3
  await using bob = await device('bob', [lab.b])
  await until('bob is at head', () => bob.client.atHead)
  expect(bob.shown).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10'])
  expect(bob.log).toContain('caughtUp 10')
  await using phone = await device('bob', [lab.b], { cursors: { [conversationId('ann', 'bob')]: 8 } })
  await until('the phone is at head', () => phone.client.atHead)
  expect(phone.shown).toEqual(['m9', 'm10'])
})

test('a resume that the node could not answer is asked again', async () => {
  await using lab = await twoNodes()
  await using ann = await device('ann', [lab.a])
  await ann.client.send('bob', 'kept for bob')
  let failures = 0
  lab.b.script = on('resume', (_frame, peer, node) => {
    peer.send({ type: 'error', code: 'STORE_UNAVAILABLE', detail: 'resume failed; try again', fatal: false })
    failures += 1
    if (failures === 2) node.script = () => false
  })
  await using bob = await device('bob', [lab.b])
  await until('bob is at head', () => bob.client.atHead)
  expect(bob.shown).toEqual(['kept for bob'])
})

test('an answer streams in, is replaced by the saved one, and resolves the ask', async () => {
  await using lab = await twoNodes()
  const partials: string[] = []
  await using ann = await device('ann', [lab.a], { on: { partial: p => partials.push(`${p.cleared ? 'void ' : ''}${p.text}`) } })
  const asked = ann.client.ask('why?')
  const conversation = conversationId('ann', ROBOT)
  const task = taskId(conversation, 1)
  await until('the prompt is shown', () => ann.shown.length === 1)
  const partial = (attempt: number, offset: number, text: string) =>
    lab.a.broadcast({ type: 'partial', conversation, task, attempt, offset, text })
  partial(1, 0, 'Beca')
  partial(2, 0, 'Since ')
  partial(2, 6, 'so')
  await until('three pieces came', () => partials.length === 3)
  lab.a.publish(lab.store.answer('ann', task, 'Since so it is.'))
  expect(await asked).toMatchObject({ state: 'answered', task, message: { body: 'Since so it is.' } })
  expect(partials).toEqual(['Beca', 'void Since ', 'Since so'])
  // Asked for afterwards, it is still known.
  expect(await ann.client.answer(task)).toMatchObject({ state: 'answered' })
})

test('an apology, a cancellation and a deadline differ', async () => {
  await using lab = await twoNodes()
  await using ann = await device('ann', [lab.a])
  const sent = await ann.client.send(ROBOT, 'one')
  if (sent.state !== 'stored' || sent.task === undefined) throw new Error(`expected a task, got ${JSON.stringify(sent)}`)
  const apology = ann.client.answer(sent.task)
  lab.a.publish(lab.store.answer('ann', sent.task, 'busy', false))
  expect(await apology).toMatchObject({ state: 'apology', message: { body: 'busy' } })
  const second = await ann.client.send(ROBOT, 'two')
  if (second.state !== 'stored' || second.task === undefined) throw new Error(`expected a task, got ${JSON.stringify(second)}`)
  expect(await ann.client.answer(second.task, 20)).toMatchObject({ state: 'unknown' })
  const cancelled = ann.client.answer(second.task)
  expect(await ann.client.cancel(second.task)).toEqual({ state: 'cancelled' })
  expect(await cancelled).toMatchObject({ state: 'cancelled' })
})

test('history comes page-wise over HTTP', async () => {
  await using lab = await twoNodes()
  await using ann = await device('ann', [lab.a])
  await ann.client.send('bob', 'hello')
  expect(await ann.client.history({ with: 'bob' })).toMatchObject({ headSeq: 1, messages: [{ body: 'hello' }] })
})

test('the design article has no sequence: shown as it arrives, nothing is asked for', async () => {
  await using lab = await twoNodes()
  lab.a.sequenced = false
  await using ann = await device('ann', [lab.a])
  expect(ann.client.sequenced).toBe(false)
  await until('caught up', () => ann.log.includes('caughtUp 0'))
  const frame = { type: 'message', conversation: conversationId('ann', 'bob'), seq: 0, sender: 'bob', to: 'ann', body: 'x' } as const
  const clientMessageId = crypto.randomUUID()
  for (let i = 0; i < 2; i += 1) lab.a.broadcast({ ...frame, clientMessageId, sentAt: '' })
  await until('both are shown', () => ann.shown.length === 2)
  expect(lab.a.got('resume')).toEqual([])
})

test('a body that no node takes is refused before it costs the connection', async () => {
  await using lab = await twoNodes()
  await using ann = await device('ann', [lab.a], { tuning: { outboxMax: 1 } })
  expect(await ann.client.send('bob', 'x'.repeat(16_385))).toMatchObject({ state: 'refused', code: 'BODY_TOO_LARGE', attempts: 0 })
  // 16 KiB of body, but 96 KiB of JSON: the node would close the socket over it.
  expect(await ann.client.send('bob', '\u0001'.repeat(16_384))).toMatchObject({ state: 'refused', code: 'BODY_TOO_LARGE' })
  expect(() => ann.client.send('no such name!', 'x')).toThrow(/letters or digits of any script/)
  expect(() => ann.client.send('bob', '')).toThrow(/body/)
  const first = ann.client.send('bob', 'fits')
  expect(await ann.client.send('bob', 'one too many')).toMatchObject({ state: 'refused', code: 'OUTBOX_FULL' })
  expect(await first).toMatchObject({ state: 'stored' })
})
