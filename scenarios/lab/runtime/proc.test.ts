import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { isAlive, listening, pids, processId, socketsOf, statOf } from './proc.mjs'

test('we are alive; a process of our pid with another start is not us', () => {
  const self = processId(process.pid)!
  expect([isAlive(self), isAlive({ ...self, startTime: '1' }), processId(2 ** 22 + 1)]).toEqual([true, false, undefined])
  expect(pids()).toContain(process.pid)
})

test('a name with brackets and blanks does not move the fields behind it', () => {
  const before = process.title
  process.title = 'a) S (b c'
  expect(statOf('self')).toMatchObject({ name: 'a) S (b c', parent: process.ppid, state: 'R' })
  process.title = before
})

test('CPU time is counted in milliseconds, as Node counts it', () => {
  const { user, system } = process.cpuUsage()
  const shown = statOf(process.pid)!.cpuMs
  expect(Math.abs(shown - (user + system) / 1_000)).toBeLessThan(100)
})

test('a port that listens, and the process that holds it', async () => {
  const server = createServer()
  const port = await new Promise<number>(resolve =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  const inode = listening().find(socket => socket.port === port)?.inode
  expect(socketsOf(process.pid)).toContain(inode)
  server.close()
})

test('ports that listen, from the kernel: not those of connections', () => {
  const table = `  sl  local_address rem_address   st tx_queue
   0: 0100007F:1628 00000000:0000 0A 00000000:00000000
   1: 0100007F:1111 0100007F:1628 01 00000000:00000000
   2: 00000000000000000000000000000000:1111 00000000000000000000000000000000:0000 0A 00000000:00000000
`
  expect(listening([table]).map(({ port }) => port)).toEqual([5672, 4369])
})
