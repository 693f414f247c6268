import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Sessions } from './sessions.ts'

/** PostgreSQL's AuthenticationOk and ReadyForQuery. */
const LETS_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])

test('a database that is frozen in the middle of a query does not keep sessions from closing', async () => {
  const sockets: Socket[] = []
  const asked = Promise.withResolvers<void>()
  const server = createServer(socket => {
    sockets.push(socket)
    socket.once('data', () => {
      socket.write(LETS_IN)
      socket.once('data', () => asked.resolve())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sessions = new Sessions({ amqpUrl: () => '', brokerCa: undefined, databaseUrl: () => `postgres://u:p@127.0.0.1:${port}/lab` })
  const query = sessions.query('select 1', [], 'lab')
  query.catch(() => undefined) // Told below.
  await asked.promise
  await sessions[Symbol.asyncDispose]()
  for (const socket of sockets) socket.destroy()
  await expect(query).rejects.toThrow(/terminated/)
  server.close()
})
