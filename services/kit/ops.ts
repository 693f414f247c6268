import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Registry } from 'prom-client'
import type { Readiness } from '#contracts/http'
import type { Settings } from '#contracts/settings'

export interface Ops {
  readiness(): Readiness | Promise<Readiness>
  /** Effective settings; no secrets among them by construction. */
  settings: Settings
  registry: Registry
  /** More that is worth reading back: name, listening ports. */
  part: Record<string, unknown>
}

/** `/healthz`, `/readyz`, `/metrics`, `/settings`: the same on every part. */
export function opsRoutes(ops: Ops): Hono {
  const app = new Hono()
  app.get('/healthz', c => c.text('ok\n'))
  app.get('/readyz', async c => {
    const readiness = await ops.readiness()
    return c.json(readiness, readiness.ready ? 200 : 503)
  })
  app.get('/metrics', async c => c.text(await ops.registry.metrics(), 200, { 'content-type': ops.registry.contentType }))
  app.get('/settings', c => c.json({ ...ops.part, settings: ops.settings }))
  return app
}

export interface Listening extends AsyncDisposable {
  server: Server
  host: string
  /** The effective port, also where 0 was asked for. */
  port: number
}

/** Serves a hono app; resolves when it listens. Disposing waits for no client. */
export async function listen(app: Hono, host: string, port: number): Promise<Listening> {
  const server = createServer(getRequestListener(app.fetch))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  return {
    server,
    host,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
