import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerId, Capability, conversationId, taskId, UserId } from './ids.ts'

const user = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)

test('a conversation has one id from both sides, and no two pairs share it', () => {
  fc.assert(fc.property(user, user, (a, b) => conversationId(a, b) === conversationId(b, a)))
  expect(conversationId('a', 'bc')).not.toBe(conversationId('ab', 'c'))
})

test('ids are derived: the same on every machine', () => {
  const conversation = conversationId('ann', 'bob')
  expect([conversation, taskId(conversation, 1), answerId(taskId(conversation, 1))]).toMatchInlineSnapshot(`
    [
      "5d055bcb-079d-5b09-b9cf-45fcef72ffde",
      "3f00e576-7c9f-5916-a3e7-4ea30cf69c7d",
      "cbfd1447-24e4-58f7-8bb1-50b50142baa6",
    ]
  `)
})

test.each(['chat', 'chat.14b', 'image.sdxl-turbo'])('%s is a capability', name => expect(Capability.safeParse(name).success).toBe(true))
test.each(['', 'Chat', 'chat.', '.chat', 'chat..14b', 'chat #', '*'])('%j is none', name =>
  expect(Capability.safeParse(name).success).toBe(false),
)
test.each(['', 'a b', 'x'.repeat(65), 'a:b', '\u0301a', 'a\u0000', 'a\n', '👩', 'a/b', '\u202eann'])('%j is not a user', name =>
  expect(UserId.safeParse(name).success).toBe(false),
)

test.each(['ann', '张伟', 'مُحَمَّد', 'नमस्ते', 'Łukasz-2', '𠮷'.repeat(64)])('%j is a user', name =>
  expect(UserId.parse(name)).toBe(name.normalize('NFC')),
)

test('one name, spelt with a composed letter or with a combining mark, is one user', () => {
  expect(UserId.parse('Jose\u0301')).toBe(UserId.parse('Jos\u00e9'))
})
