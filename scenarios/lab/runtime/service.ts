import { join } from 'node:path'
import { Readiness } from '#contracts/http'
import { partEnv } from '../part-env.ts'
import type { PartKind } from '../plan.ts'
import { COMPILE_CACHE, launchMarked, type PartProcess } from './part-process.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const PROBE_WITHIN_MS = 1_000

const FOLDERS: Partial<Record<PartKind, string>> = { 'im-node': 'im-node', gpu: 'gpu-sim', worker: 'ai-worker' }

/** What a process of ours says that it misses. */
export async function missingAt(port: number | undefined, signal: AbortSignal): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_WITHIN_MS)]),
  })
  return Readiness.parse(await response.json()).missing
}

/** One of our own services, run from source by this very Node. */
function service(ports: readonly string[], healthPort: string): PartProcess {
  return {
    ports,
    stopSignal: 'SIGTERM',
    async launch(context) {
      const folder = FOLDERS[context.part.kind]
      if (folder === undefined) throw new Error(`${context.part.kind} is not a service of ours`)
      const [main = '', control] = ports
      return [
        await launchMarked(context, {
          command: process.execPath,
          args: ['--disable-warning=ExperimentalWarning', join(ROOT, 'services', folder, 'main.ts')],
          env: {
            ...partEnv(context.plan, context.part, context.addresses),
            PORT: String(context.ports[main]),
            ...(control === undefined ? {} : { CONTROL_PORT: String(context.ports[control]) }),
            NODE_COMPILE_CACHE: COMPILE_CACHE,
          },
        }),
      ]
    },
    missing: (context, signal) => missingAt(context.ports[healthPort], signal),
    urls: own => Object.fromEntries(ports.map(port => [port, `http://127.0.0.1:${own[port]}`])),
  }
}

export const IM_NODE = service(['http'], 'http')
export const WORKER = service(['http'], 'http')
export const GPU = service(['http', 'control'], 'control')
