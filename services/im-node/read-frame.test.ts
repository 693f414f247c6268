import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClientFrame } from '#contracts/frames'
import { Addressees } from './addressees.ts'
import { readFrame } from './read-frame.ts'

const known = new Addressees('ann')
known.conversationWith('bob')

const value = fc.oneof(fc.uuid(), fc.string(), fc.constantFrom('bob', 'zoe', 'send', 'a\0b', '', 1, null, true), fc.constant(undefined))
const frame = fc.record({
  type: fc.oneof({ weight: 8, arbitrary: fc.constant('send') }, { weight: 1, arbitrary: value }),
  clientMessageId: fc.oneof({ weight: 4, arbitrary: fc.uuid() }, { weight: 1, arbitrary: value }),
  to: fc.oneof({ weight: 4, arbitrary: fc.constant('bob') }, { weight: 1, arbitrary: value }),
  body: fc.oneof({ weight: 4, arbitrary: fc.string({ unit: 'binary' }) }, { weight: 1, arbitrary: value }),
  capability: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('chat', 'NO', 1) }),
  extra: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value }),
})

test('the short way reads exactly what the schema reads', () => {
  let read = 0
  fc.assert(
    fc.property(frame, some => {
      const text = JSON.stringify(some)
      const parsed = ClientFrame.safeParse(JSON.parse(text))
      const got = readFrame(Buffer.from(text), known)
      if (parsed.success) {
        expect(got).toEqual(parsed.data)
        read += 1
      } else expect(typeof got).toBe('string')
      expect(readFrame(Buffer.from(text), undefined)).toEqual(got)
    }),
    { numRuns: 2_000 },
  )
  expect(read).toBeGreaterThan(100)
})

test('a name that was never written to goes through the schema, which brings it to one spelling', () => {
  const [composed, apart] = ['Jos\u00e9', 'Jose\u0301']
  const text = JSON.stringify({ type: 'send', clientMessageId: '6f1c1c5e-64ab-5d1c-9d58-0f5b2a7c1e11', to: apart, body: 'x' })
  expect(readFrame(Buffer.from(text), known)).toMatchObject({ to: composed })
})

test('not JSON, and not a frame', () => {
  expect([readFrame(Buffer.from('{'), known), readFrame(Buffer.from('[]'), known)]).toEqual(['not JSON', expect.any(String)])
})
