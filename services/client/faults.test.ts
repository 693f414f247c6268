import fc from 'fast-check'
import { expect, test } from 'vitest'
import { device, twoNodes } from './fake/device.ts'
import { until } from './fake/until.ts'

test('any faults on the way of live messages, and nodes that cut lines: everybody ends with every message once, in order', async () => {
  const steps = fc.array(
    fc.record({
      fate: fc.constantFrom('deliver', 'drop', 'twice', 'hold'),
      next: fc.constantFrom('go on', 'go on', 'go on', 'release', 'cut'),
    }),
    { minLength: 1, maxLength: 25 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async script => {
      await using lab = await twoNodes()
      await using ann = await device('ann', [lab.a, lab.b])
      await using bob = await device('bob', [lab.b, lab.a])
      const outcomes: Promise<{ state: string }>[] = []
      for (const { fate, next } of script) {
        for (const node of [lab.a, lab.b]) node.fate = () => fate as 'deliver' | 'drop' | 'twice' | 'hold'
        outcomes.push(ann.client.send('bob', `m${outcomes.length}`))
        await until(
          'the node has it',
          () => lab.a.got('send').length + lab.b.got('send').length > outcomes.length - 1 || !ann.client.online,
        )
        if (next === 'release') lab.b.release()
        if (next === 'cut') for (const node of [lab.a, lab.b]) for (const peer of node.peers) peer.socket.terminate()
      }
      for (const outcome of outcomes) expect((await outcome).state).toBe('stored')
      const tell = () => {
        for (const node of [lab.a, lab.b]) for (const peer of node.peers) peer.send({ type: 'head', heads: lab.store.heads(peer.user) })
      }
      tell()
      const stored = [...lab.store.messages.values()].flat().map(message => message.body)
      for (const who of [ann, bob]) {
        await until('at head', () => {
          if (!who.client.atHead) tell()
          return who.client.atHead && who.shown.length >= stored.length
        })
        expect(who.shown).toEqual(stored)
      }
    }),
    { numRuns: 25 },
  )
})
