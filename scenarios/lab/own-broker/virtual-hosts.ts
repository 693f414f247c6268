import { LabError } from '../errors.ts'
import { type BrokerAccess, readAuthorities, userOf } from './address.ts'
import { callManagement, type ManagementAddress, type ManagementReply, unreachable } from './management-api.ts'

/** Virtual hosts that the lab makes on a broker of the user's, and removes. */

/** Stands in the broker's list of virtual hosts, and tells ours from others. */
const DESCRIPTION = 'Made by Prefetch Lab, which removes it.'

const CREATED = 201
const GONE = 404

export function managementOf(broker: BrokerAccess): ManagementAddress {
  const ca = broker.ca === undefined ? undefined : readAuthorities(broker.ca)
  return { url: new URL(broker.management), user: userOf(broker), password: broker.password, ca }
}

/** Throws NO_BROKER where there is no reply. */
export async function askManagement(
  broker: BrokerAccess,
  method: 'GET' | 'PUT' | 'DELETE',
  path: string,
  { body, signal = new AbortController().signal }: { body?: object; signal?: AbortSignal } = {},
): Promise<ManagementReply> {
  const address = managementOf(broker)
  return callManagement(address, { method, path, signal, ...(body === undefined ? {} : { body }) }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw unreachable(address.url, error)
  })
}

/** A fresh one, that nobody may use yet. Throws BROKER_DENIED, NO_BROKER. */
export async function makeVirtualHost(broker: BrokerAccess, name: string, signal: AbortSignal): Promise<void> {
  const made = await askManagement(broker, 'PUT', pathOf(name), { body: { description: DESCRIPTION }, signal })
  if (made.status !== CREATED) throw refused(broker, `to make the virtual host ${name}`, made)
}

/** Its maker may use it. Throws BROKER_DENIED, NO_BROKER. */
export async function allowVirtualHost(broker: BrokerAccess, name: string, signal: AbortSignal): Promise<void> {
  const rights = { configure: '.*', write: '.*', read: '.*' }
  const path = `permissions/${encodeURIComponent(name)}/${encodeURIComponent(userOf(broker))}`
  const allowed = await askManagement(broker, 'PUT', path, { body: rights, signal })
  if (!isDone(allowed)) throw refused(broker, `to use the virtual host ${name}`, allowed)
}

/** With all that is in it. One that is gone already is fine. Throws BROKER_DENIED, NO_BROKER. */
export async function removeVirtualHost(broker: BrokerAccess, name: string): Promise<void> {
  const removed = await askManagement(broker, 'DELETE', pathOf(name))
  if (!isDone(removed) && removed.status !== GONE) throw refused(broker, `to remove the virtual host ${name}`, removed)
}

const pathOf = (name: string) => `vhosts/${encodeURIComponent(name)}`
const isDone = ({ status }: ManagementReply) => status >= 200 && status < 300

function refused(broker: BrokerAccess, what: string, { status, text }: ManagementReply): LabError {
  const user = userOf(broker)
  return new LabError(
    'BROKER_DENIED',
    `${broker.management}: expected ${user} ${what}, got ${status}: ${text.slice(0, 200)}\nIt needs the tag administrator: rabbitmqctl set_user_tags ${user} administrator`,
  )
}
