import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** An address that lets nobody in, as that of a router with NAT before a private network. */
export interface ClosedDoor extends AsyncDisposable {
  url: string
}

/** It resets each connection, so one sees at once that nothing is there. */
export async function closedDoor(): Promise<ClosedDoor> {
  const server = createServer((socket: Socket) => socket.on('error', () => undefined).resetAndDestroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await new Promise(resolve => server.close(resolve))
    },
  }
}
