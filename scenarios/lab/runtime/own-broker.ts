import { LabError, ofLab } from '../errors.ts'
import type { BrokerAccess } from '../own-broker/address.ts'
import { allowVirtualHost, makeVirtualHost, removeVirtualHost } from '../own-broker/virtual-hosts.ts'
import type { LabRecords } from './records.ts'
import { type LabState, OWN_BROKER } from './state.ts'

/** What a lab has on a broker of the user's: a virtual host for each space, noted in its state. */

/** undefined: the lab runs its own. */
export function accessOf({ plan: { ownBroker }, passwords }: Pick<LabState, 'plan' | 'passwords'>): BrokerAccess | undefined {
  return ownBroker === undefined ? undefined : { ...ownBroker, password: passwords[OWN_BROKER] ?? '' }
}

/** Nobody else has it: the mark of a lab is random. */
export const virtualHostOf = ({ mark }: Pick<LabState, 'mark'>, space: string) =>
  `prefetch-lab-${mark.slice(mark.lastIndexOf(':') + 1)}-${space}`

/** The virtual host in use, if it is not there already. */
export async function ensureVirtualHost(records: LabRecords, signal: AbortSignal): Promise<void> {
  const { state } = records
  const broker = accessOf(state)
  if (broker === undefined) return
  const name = virtualHostOf(state, state.space)
  if (state.virtualHosts?.includes(name) === true) return
  state.virtualHosts = [...(state.virtualHosts ?? []), name]
  await records.save()
  try {
    await makeVirtualHost(broker, name, signal)
  } catch (error) {
    // Refused, so that there is none; after any other error nobody knows.
    if (error instanceof LabError && error.code === 'BROKER_DENIED') await forget(records, name)
    throw error
  }
  await allowVirtualHost(broker, name, signal)
}

/** All of an earlier space. */
export async function dropVirtualHost(records: LabRecords, space: string): Promise<void> {
  const { state } = records
  const broker = accessOf(state)
  const name = virtualHostOf(state, space)
  if (broker === undefined || state.virtualHosts?.includes(name) !== true) return
  await removeVirtualHost(broker, name)
  await forget(records, name)
}

async function forget(records: LabRecords, name: string): Promise<void> {
  const { state } = records
  state.virtualHosts = (state.virtualHosts ?? []).filter(other => other !== name)
  await records.save()
}

/** All that an ended lab left there. Throws BROKER_LEFTOVERS. */
export async function clearVirtualHosts(state: LabState): Promise<void> {
  const broker = accessOf(state)
  if (broker === undefined) return
  const left = state.virtualHosts ?? []
  try {
    for (const name of left) await removeVirtualHost(broker, name)
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    throw new LabError(
      'BROKER_LEFTOVERS',
      `${broker.url} still has of the lab ${state.name}: ${left.join(', ')}\n${error.message}\nThen type again: npm run lab:down${ofLab(state.name)}`,
      { cause: error },
    )
  }
}
