import { expect, test } from 'vitest'
import type { Delivery } from '#contracts/events'
import { batched } from './batched.ts'
import { plain } from './plain.ts'

const deliveries: Delivery[] = ['ann', 'bob'].map(user => ({ to: [user], frame: { type: 'pong' } as never }))

function ends(outcome: 'confirmed' | 'unknown') {
  const published: (readonly Delivery[])[] = []
  const here: (readonly Delivery[])[] = []
  const publish = async (some: readonly Delivery[]) => {
    published.push(some)
    return outcome
  }
  return { published, here, ends: { publish, deliverHere: (some: readonly Delivery[]) => void here.push(some) } }
}

test('plain: one broker message each, own sockets served when it comes back', async () => {
  const { published, here, ends: both } = ends('confirmed')
  expect(await plain(deliveries, both)).toBe('confirmed')
  expect([published.length, here.length]).toEqual([2, 0])
})

test('batched: one broker message for all, own sockets served after its confirm', async () => {
  const { published, here, ends: both } = ends('confirmed')
  expect(await batched(deliveries, both)).toBe('confirmed')
  expect([published, here]).toEqual([[deliveries], [deliveries]])
})

test('without a confirm nobody is served, and the sender is told', async () => {
  for (const send of [plain, batched]) {
    const { here, ends: both } = ends('unknown')
    expect([await send(deliveries, both), here]).toEqual(['unknown', []])
  }
})
