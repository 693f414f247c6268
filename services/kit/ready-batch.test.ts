import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Delivery } from '#contracts/events'
import { isReadyBatch, readReadyBatch, writeReadyBatch } from './ready-batch.ts'
import { frameTexts } from './text-frames.ts'

const name = fc.constantFrom('ann', 'bob', '李雷', 'ñandú', 'x'.repeat(64))
const uuid = fc.uuid()
const message = fc.record({
  conversation: fc.constantFrom('6f1c1c5e-64ab-5d1c-9d58-0f5b2a7c1e11', '00000000-0000-4000-8000-000000000001'),
  seq: fc.nat({ max: 2 ** 31 - 1 }),
  sender: name,
  to: name,
  body: fc.string({ unit: 'grapheme', maxLength: 300 }),
  clientMessageId: uuid,
})
const delivery = fc.oneof(
  message.map(
    (m): Delivery => ({ to: [...new Set([m.sender, m.to])], frame: { type: 'message', ...m, sentAt: '2026-01-01T00:00:00.000Z' } }),
  ),
  fc
    .record({ conversation: uuid, task: uuid, text: fc.string({ unit: 'grapheme' }), to: name })
    .map(({ to, ...rest }): Delivery => ({ to: [to], frame: { type: 'partial', attempt: 1, offset: 0, ...rest } })),
)
const deliveries = fc.array(delivery, { minLength: 1, maxLength: 12 })

/** Each user's frames in their order, and the highest seq of each of their conversations. */
function perUser(pairs: readonly { to: readonly string[]; texts: string[]; head: { conversation: string; seq: number } | undefined }[]) {
  const users: Record<string, { texts: string[]; heads: Record<string, number> }> = {}
  for (const { to, texts, head } of pairs) {
    for (const user of to) {
      users[user] ??= { texts: [], heads: {} }
      const own = users[user]
      own.texts.push(...texts)
      if (head !== undefined) own.heads[head.conversation] = Math.max(own.heads[head.conversation] ?? 0, head.seq)
    }
  }
  return users
}

test('each user gets their frames in order, and the head check their highest seqs', () => {
  fc.assert(
    fc.property(deliveries, some => {
      const { body, runs } = writeReadyBatch('im-a', some)
      const read = readReadyBatch(body, 'im-b')
      if (read === undefined || read === 'own') throw new Error('not read')
      const expected = perUser(
        some.map(({ to, frame }) => ({
          to,
          texts: [JSON.stringify(frame)],
          head: frame.type === 'message' && frame.seq > 0 ? { conversation: frame.conversation, seq: frame.seq } : undefined,
        })),
      )
      for (const each of [read, runs])
        expect(perUser(each.map(({ to, frames, head }) => ({ to, texts: [...frameTexts(frames)], head })))).toEqual(expected)
      expect(read.reduce((sum, { count }) => sum + count, 0)).toBe(some.length)
      expect([isReadyBatch(body), readReadyBatch(body, 'im-a')]).toEqual([true, 'own'])
    }),
  )
})

test('neighbours for the same users share a run; another conversation begins one', () => {
  const to = (seq: number, conversation: string): Delivery => ({
    to: ['ann', 'bob'],
    frame: { type: 'message', conversation, seq, sender: 'ann', to: 'bob', body: 'x', clientMessageId: conversation, sentAt: '' },
  })
  const [one, other] = ['6f1c1c5e-64ab-5d1c-9d58-0f5b2a7c1e11', '00000000-0000-4000-8000-000000000001']
  const { runs } = writeReadyBatch('im-a', [to(1, one), to(2, one), to(1, other)])
  expect(runs.map(({ count, head }) => [count, head?.seq])).toEqual([
    [2, 2],
    [1, 1],
  ])
})

test('a batch that is cut or changed anywhere is refused or still whole frames', () => {
  fc.assert(
    fc.property(deliveries, fc.nat(), fc.integer({ min: 0, max: 255 }), (some, where, byte) => {
      const { body } = writeReadyBatch('im-a', some)
      const changed = Buffer.from(body)
      changed[where % body.length] = byte
      for (const bytes of [changed, body.subarray(0, where % body.length)]) {
        const read = readReadyBatch(bytes, undefined)
        if (read !== undefined && read !== 'own') for (const { frames, count } of read) expect([...frameTexts(frames)]).toHaveLength(count)
      }
    }),
  )
})
