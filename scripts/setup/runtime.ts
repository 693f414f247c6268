import { Option } from 'commander'
import { type AskedBroker, containersReady, LabError, RUNTIMES, type RuntimeName } from '#lab'
import { ensureNativePackages } from './packages.ts'

/** Which runtime runs the parts, and that what it needs is there. */

export type AskedRuntime = RuntimeName | 'auto'

export const runtimeOption = () =>
  new Option('--runtime <RUNTIME>', 'auto: containers if an engine and the images are available, otherwise local processes')
    .choices(['auto', ...RUNTIMES])
    .default('auto')
    .env('PREFETCH_LAB_RUNTIME')

export interface RuntimeNeeds {
  /** false = never install a system package. */
  install: boolean
  broker?: AskedBroker
  /** Model servers that are there already. */
  urls?: readonly string[]
}

/** Picks a runtime, says why, prepares it. Throws ENGINE_MISSING, IMAGES_MISSING, set-up errors. */
export async function readyRuntime(asked: AskedRuntime, needs: RuntimeNeeds): Promise<RuntimeName> {
  const say = (text: string) => console.error(text)
  if (asked !== 'native') {
    const own = needs.broker?.own
    const obstacle = own === undefined ? loopbackOnly(needs.urls ?? []) : `${own.url} is your own broker, which local processes reach`
    try {
      if (obstacle !== undefined) throw new LabError('BAD_SETTING', `${obstacle}.\nWith local processes: --runtime native`)
      const version = await containersReady(needs.broker?.generation, say)
      say(`Runtime: compose (Docker engine ${version}).`)
      return 'compose'
    } catch (error) {
      if (asked === 'compose' || !(error instanceof LabError)) throw error
      say(`Runtime: native (${error.message.split('\n')[0]?.replace(/\.$/, '')}).`)
    }
  }
  if (needs.broker?.own === undefined) await ensureNativePackages({ install: needs.install })
  return 'native'
}

/** A container cannot reach what listens on this machine's loopback alone. */
function loopbackOnly(urls: readonly string[]): string | undefined {
  const url = urls.find(text => /^(localhost|127\.|\[::1\])/.test(new URL(text).hostname))
  return url === undefined ? undefined : `${url} is on this machine's loopback, which containers do not reach`
}
