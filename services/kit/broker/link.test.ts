import { createServer, type Socket } from 'node:net'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { BrokerLink } from './link.ts'

/** A listener in place of a broker. @returns its address and how often somebody came */
async function listener(onSocket: (socket: Socket) => void) {
  const seen = { url: '', came: 0 }
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    seen.came += 1
    sockets.add(socket.on('error', () => undefined))
    onSocket(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  seen.url = `amqp://u:p@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/lab`
  return {
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const link = (url: string) =>
  new BrokerLink({ url, name: 'a part', log: pino({ level: 'silent' }), setUp: async () => undefined, tornDown: () => undefined })

test('it goes round the nodes: one that hangs up and one that is silent keep it from no other', { timeout: 20_000 }, async () => {
  await using down = await listener(socket => socket.destroy())
  await using frozen = await listener(() => undefined)
  await using other = await listener(socket => socket.destroy())
  const nodes = [down, frozen, other].map(({ seen }) => seen)
  await using tried = link(nodes.map(({ url }) => url).join(','))
  await vi.waitFor(() => expect(nodes.map(({ came }) => came >= 2)).toEqual([true, true, true]), { timeout: 15_000, interval: 20 })
  expect(tried.connected).toBe(false)
  expect(Math.max(...nodes.map(({ came }) => came)) - Math.min(...nodes.map(({ came }) => came))).toBeLessThanOrEqual(1)
})

test('a single node is tried again and again', async () => {
  await using down = await listener(socket => socket.destroy())
  await using _ = link(down.seen.url)
  await vi.waitFor(() => expect(down.seen.came).toBeGreaterThanOrEqual(3), { timeout: 5_000, interval: 20 })
})
