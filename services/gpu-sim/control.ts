import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { GpuFaults } from '#contracts/http'
import type { FaultSwitches } from './faults.ts'
import type { Gpu } from './gpu.ts'
import type { Setup } from './inference.ts'
import { asInference, type InferenceLog } from './inference-log.ts'
import type { MainPort } from './main-port.ts'
import { KEEP_ALIVE_MS } from './models.ts'

export interface Controlled {
  setup: Setup
  coldLoad: boolean
  gpu: Gpu
  log: InferenceLog
  faults: FaultSwitches
  mainPort: MainPort
}

const Page = z.object({
  after: z.coerce.number().int().min(-1).default(-1),
  /** Most entries. Default: all. */
  limit: z.coerce.number().int().min(1).optional(),
  /** With `slotsInUse` in each entry, beyond the contract. */
  wide: z.enum(['true', 'false']).default('false'),
  /** With the probes of workers: they belong to no task. */
  probes: z.enum(['true', 'false']).default('false'),
})

/** Lab-only routes `/inferences`, `/faults`, `/profile`, on a port that no worker reaches. */
export function controlRoutes(app: Hono, { setup, coldLoad, gpu, log, faults, mainPort }: Controlled): Hono {
  app.get('/inferences', c => {
    const page = Page.safeParse(c.req.query())
    if (!page.success) return refused(c, 'BAD_QUERY', page.error)
    const { after, limit, wide, probes } = page.data
    const read = log.after(after, limit)
    const shown = read.filter(({ probe }) => probes === 'true' || !probe)
    const inferences = shown.map(entry => (wide === 'true' ? { ...asInference(entry), slotsInUse: entry.slotsInUse } : asInference(entry)))
    return c.json({ inferences, next: log.next(after, read) })
  })

  async function replace(wanted: GpuFaults): Promise<GpuFaults> {
    faults.replace(wanted)
    if (wanted.loadMs !== undefined) gpu.engine.memory.unloadIdle()
    await mainPort.set(wanted.down !== true)
    return faults.current
  }
  app.get('/faults', c => c.json(faults.current))
  app.put('/faults', async c => {
    const wanted = GpuFaults.safeParse(await c.req.json().catch(() => undefined))
    return wanted.success ? c.json(await replace(wanted.data)) : refused(c, 'BAD_FAULTS', wanted.error)
  })
  app.delete('/faults', async c => c.json(await replace({})))

  app.get('/profile', c => {
    const { profile, model, seed, timeScale, queueMax, kind } = setup
    return c.json({
      profile,
      model,
      seed,
      timeScale,
      coldLoad,
      queueMax,
      server: kind.version,
      keepAliveMs: KEEP_ALIVE_MS,
      port: mainPort.port,
    })
  })
  return app
}

function refused(c: Context, code: string, error: z.ZodError) {
  return c.json({ error: { code, detail: z.prettifyError(error) } }, 400)
}
