import { withPrefix } from '#contracts/name-prefix'
import { LabError, ofLab } from '../errors.ts'
import { amqpAddress, type BrokerAccess } from '../own-broker/address.ts'
import { enterSpace, makeSpace, prefixFor, removeSpace, spaceName } from '../own-broker/spaces.ts'
import type { LabRecords } from './records.ts'
import { type LabState, OWN_BROKER } from './state.ts'

/** A virtual host or a prefix for each space, on a broker of the user's; noted in the state. */

/** undefined: the lab runs its own. */
export function accessOf({ plan: { ownBroker }, passwords }: Pick<LabState, 'plan' | 'passwords'>): BrokerAccess | undefined {
  return ownBroker === undefined ? undefined : { ...ownBroker, password: passwords[OWN_BROKER] ?? '' }
}

export const spaceOf = ({ mark }: Pick<LabState, 'mark'>, space: string) => spaceName(mark.slice(mark.lastIndexOf(':') + 1), space)

/** Where parts connect. undefined: the lab runs its own. */
export function ownAddress(state: LabState): string | undefined {
  const broker = accessOf(state)
  if (broker === undefined) return undefined
  const space = spaceOf(state, state.space)
  if (broker.spaces === 'prefixes') return withPrefix(amqpAddress(broker, broker.virtualHost), prefixFor(space))
  return amqpAddress(broker, space)
}

/** The space in use, if it is not there already. */
export async function ensureOwnSpace(records: LabRecords, signal: AbortSignal): Promise<void> {
  const { state } = records
  const broker = accessOf(state)
  if (broker === undefined) return
  const name = spaceOf(state, state.space)
  if (state.ownSpaces?.includes(name) === true) return
  state.ownSpaces = [...(state.ownSpaces ?? []), name]
  await records.save()
  try {
    await makeSpace(broker, name, signal)
  } catch (error) {
    // Refused, so that there is none; after any other error nobody knows.
    if (error instanceof LabError && error.code === 'BROKER_DENIED') await forget(records, name)
    throw error
  }
  await enterSpace(broker, name, signal)
}

/** All of an earlier space. */
export async function dropOwnSpace(records: LabRecords, space: string): Promise<void> {
  const { state } = records
  const broker = accessOf(state)
  const name = spaceOf(state, space)
  if (broker === undefined || state.ownSpaces?.includes(name) !== true) return
  await removeSpace(broker, name)
  await forget(records, name)
}

async function forget(records: LabRecords, name: string): Promise<void> {
  const { state } = records
  state.ownSpaces = (state.ownSpaces ?? []).filter(other => other !== name)
  await records.save()
}

/** All that an ended lab left there. Throws BROKER_LEFTOVERS. */
export async function clearOwnSpaces(state: LabState): Promise<void> {
  const broker = accessOf(state)
  if (broker === undefined) return
  const left = state.ownSpaces ?? []
  try {
    for (const name of left) await removeSpace(broker, name)
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    throw new LabError(
      'BROKER_LEFTOVERS',
      `${broker.url} still has of the lab ${state.name}: ${left.join(', ')}\n${error.message}\nThen type again: npm run lab:down${ofLab(state.name)}`,
      { cause: error },
    )
  }
}
