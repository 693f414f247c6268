import { expect, test } from 'vitest'
import type { Reply } from '../lab/real-model/ask-once.ts'
import { Balancer, type BalancerOptions } from './balancer.ts'

/** Servers that answer when the test lets them, on a clock that the test moves. */
function bench(options: Partial<BalancerOptions>, names = ['a', 'b']) {
  const clock = { nowMs: 0 }
  const open: { server: string; request: string; reply: (reply: Reply) => Promise<void> }[] = []
  const servers = names.map(name => ({
    name,
    ask: (request: string) =>
      new Promise<Reply>(resolve => {
        const reply = async (given: Reply) => {
          open.splice(open.indexOf(one), 1)
          resolve(given)
          await settled()
        }
        const one = { server: name, request, reply }
        open.push(one)
      }),
  }))
  const balancer = new Balancer<string>(servers, { retries: 1, failuresMax: 3, cooldownMs: 100, ...options }, () => clock.nowMs)
  return { balancer, clock, open, at: () => open.map(({ server, request }) => `${request}@${server}`) }
}
/** Enough turns of the loop for a chain of promises. */
const settled = () => new Promise(resolve => setImmediate(resolve))
const refused: Reply = { failed: 'ECONNREFUSED', began: false }
const cut: Reply = { failed: 'cut', began: true }

test('each request goes to the least busy server; equally busy ones take turns', async () => {
  const { balancer, open, at } = bench({})
  for (const request of ['1', '2', '3', '4', '5']) void balancer.ask(request)
  await settled()
  expect(at()).toEqual(['1@a', '2@b', '3@a', '4@b', '5@a'])
  await open.find(({ request }) => request === '1')!.reply('answered')
  await open.find(({ request }) => request === '3')!.reply('answered')
  void balancer.ask('6')
  await settled()
  expect(at().at(-1)).toBe('6@a')
})

test.each<[what: string, options: Partial<BalancerOptions>, replies: Reply[], seen: object]>([
  ['the first answers', {}, ['answered'], { answered: true, asked: ['a answered'] }],
  ['refused, another answers', {}, [refused, 'answered'], { answered: true, asked: ['a ECONNREFUSED', 'b answered'] }],
  ['refused twice', {}, [refused, refused], { answered: false, asked: ['a ECONNREFUSED', 'b ECONNREFUSED'] }],
  ['cut in the answer', {}, [cut], { answered: false, asked: ['a cut'] }],
  ['refused, no retry', { retries: 0 }, [refused], { answered: false, asked: ['a ECONNREFUSED'] }],
  ['more retries than servers', { retries: 9 }, [refused, refused], { answered: false, asked: ['a ECONNREFUSED', 'b ECONNREFUSED'] }],
])('a request: %s', async (_what, options, replies, seen) => {
  const { balancer, open } = bench(options)
  const balanced = balancer.ask('1')
  for (const reply of replies) {
    await settled()
    await open[0]!.reply(reply)
  }
  const { answered, asked } = await balanced
  expect({ answered, asked: asked.map(({ server, result }) => `${server} ${result}`) }).toEqual(seen)
  expect(open).toEqual([])
})

test('a server that fails three times in a row is left alone for a time, then one failure is enough', async () => {
  const { balancer, clock, open, at } = bench({ retries: 0 })
  const failing = async () => {
    const asked = balancer.ask('x')
    await settled()
    await open.find(({ server, request }) => server === 'a' && request === 'x')?.reply(refused)
    return asked
  }
  void balancer.ask('long') // a
  void balancer.ask('longer') // b
  await settled()
  await open.find(({ request }) => request === 'long')!.reply('answered')
  for (let i = 0; i < 3; i += 1) expect((await failing()).asked).toEqual([{ server: 'a', result: 'ECONNREFUSED' }])
  void balancer.ask('next')
  await settled()
  expect(at()).toEqual(['longer@b', 'next@b'])
  clock.nowMs = 100
  await failing()
  void balancer.ask('after')
  await settled()
  expect(at()).toEqual(['longer@b', 'next@b', 'after@b'])
  clock.nowMs = 200
  void balancer.ask('well')
  await settled()
  expect(at().at(-1)).toBe('well@a')
})

test('without cooldown a server that fails at once gets every request', async () => {
  const { balancer, open } = bench({ retries: 0, failuresMax: 0 })
  void balancer.ask('1')
  void balancer.ask('2')
  await settled()
  await open.find(({ server }) => server === 'a')!.reply(refused)
  for (let i = 0; i < 10; i += 1) {
    const asked = balancer.ask('x')
    await settled()
    await open.find(({ request }) => request === 'x')!.reply(refused)
    expect((await asked).asked[0]?.server).toBe('a')
  }
})

test('where all are left alone the one that was so for longest is asked: better than none', async () => {
  const { balancer, clock, open, at } = bench({ retries: 1, failuresMax: 1 })
  const asked = balancer.ask('1')
  await settled()
  await open[0]!.reply(refused)
  clock.nowMs = 10
  await open[0]!.reply(refused)
  expect((await asked).answered).toBe(false)
  void balancer.ask('2')
  await settled()
  expect(at()).toEqual(['2@a'])
})

test('with one request a server, further ones wait in order and go to the first that is free', async () => {
  const { balancer, open, at } = bench({ inFlightMax: 1 })
  for (const request of ['1', '2', '3', '4']) void balancer.ask(request)
  await settled()
  expect(at()).toEqual(['1@a', '2@b'])
  await open[1]!.reply('answered')
  await open[1]!.reply('answered')
  expect(at()).toEqual(['1@a', '4@b'])
})
