import { expect, test } from 'vitest'
import { Addressees } from './addressees.ts'
import { type Connection, Connections } from './connections.ts'

const connection = (user: string) => {
  const texts: string[] = []
  return {
    texts,
    user,
    send: () => undefined,
    sendText: (text: string) => void texts.push(text),
    addressees: new Addressees(user),
    sendFrames: () => undefined,
    end: () => undefined,
  } satisfies Connection & { texts: string[] }
}
const make = () => new Connections({ userConnectionsMax: 2, userFramesPerSecond: 5 })

test('a delivery reaches exactly the devices of its users, and returns their number', () => {
  const connections = make()
  const [phone, desk, bob, eve] = ['ann', 'ann', 'bob', 'eve'].map(connection)
  for (const each of [phone, desk, bob, eve]) expect(connections.add(each!, 0)).toBe(true)
  expect(connections.deliver(['ann', 'bob', 'zoe'], { type: 'pong' })).toBe(3)
  expect([phone, desk, bob, eve].map(each => each!.texts.length)).toEqual([1, 1, 1, 0])
  expect(connections.deliver(['zoe'], { type: 'pong' })).toBe(0)
})

test("a user's connections are capped; one that leaves makes room, once", () => {
  const connections = make()
  const [one, two, three] = ['ann', 'ann', 'ann'].map(connection)
  expect([one, two, three].map(each => connections.add(each!, 0))).toEqual([true, true, false])
  connections.remove(three!)
  expect(connections.count).toBe(2)
  connections.remove(one!)
  connections.remove(one!)
  expect([connections.add(three!, 0), connections.count, connections.has('ann')]).toEqual([true, 2, true])
})

test('the allowance is the user’s, shared by their devices', () => {
  const connections = make()
  for (const each of ['ann', 'ann', 'bob'].map(connection)) connections.add(each, 0)
  expect(Array.from({ length: 12 }, () => connections.mayPublish('ann', 0)).filter(Boolean)).toHaveLength(10)
  expect([connections.mayPublish('bob', 0), connections.mayPublish('nobody', 0)]).toEqual([true, false])
})
