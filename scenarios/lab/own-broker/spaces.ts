import { z } from 'zod'
import { LabError } from '../errors.ts'
import { type BrokerAccess, readAuthorities, userOf } from './address.ts'
import { callManagement, type ManagementAddress, type ManagementReply, parsedJson, unreachable } from './management-api.ts'

/** What the lab has on a broker of the user's: a virtual host for each space, or names with a
 *  prefix in a virtual host that is there. It is made, and removed with all that is in it. */

/** Stands in the broker's list of virtual hosts, and tells ours from others. */
const DESCRIPTION = 'Made by Prefetch Lab, which removes it.'

const OURS = 'prefetch-lab-'
const CREATED = 201
const GONE = 404

function managementOf(broker: BrokerAccess): ManagementAddress {
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

/** Of this lab or of another one. */
export const isOurs = (name: string) => name.startsWith(OURS)

/** Of a lab's virtual host, and of the names with a prefix. @param mark random, so nobody has it */
export const spaceName = (mark: string, space: string) => `${OURS}${mark}-${space}`

/** Names begin with it. */
export const prefixFor = (space: string) => `${space}.`

/** A fresh one. Throws BROKER_DENIED where there is none now, NO_BROKER. */
export async function makeSpace(broker: BrokerAccess, space: string, signal: AbortSignal): Promise<void> {
  if (broker.spaces === 'prefixes') return
  const made = await askManagement(broker, 'PUT', pathOf('vhosts', space), { body: { description: DESCRIPTION }, signal })
  if (made.status !== CREATED) throw refused(broker, `to make the virtual host ${space}`, made)
}

/** Its maker may use it. Throws BROKER_DENIED, NO_BROKER. */
export async function enterSpace(broker: BrokerAccess, space: string, signal: AbortSignal): Promise<void> {
  if (broker.spaces === 'prefixes') return
  const rights = { configure: '.*', write: '.*', read: '.*' }
  const allowed = await askManagement(broker, 'PUT', pathOf('permissions', space, userOf(broker)), { body: rights, signal })
  if (!isDone(allowed)) throw refused(broker, `to use the virtual host ${space}`, allowed)
}

/** With all that is in it. One that is gone already is fine. Throws BROKER_DENIED, NO_BROKER. */
export async function removeSpace(broker: BrokerAccess, space: string): Promise<void> {
  if (broker.spaces !== 'prefixes') return remove(broker, pathOf('vhosts', space), `the virtual host ${space}`)
  for (const kind of ['queues', 'exchanges'])
    for (const name of await namesOf(broker, kind))
      if (name.startsWith(prefixFor(space))) await remove(broker, pathOf(kind, broker.virtualHost, name), name)
}

const Named = z.array(z.object({ name: z.string() }))

/** Queues or exchanges of the given virtual host. */
async function namesOf(broker: BrokerAccess, kind: string): Promise<string[]> {
  const reply = await askManagement(broker, 'GET', `${pathOf(kind, broker.virtualHost)}?columns=name`)
  const { data } = Named.safeParse(parsedJson(reply.text))
  if (!isDone(reply) || data === undefined) throw refused(broker, `to list the ${kind} of ${broker.virtualHost}`, reply)
  return data.map(({ name }) => name)
}

async function remove(broker: BrokerAccess, path: string, what: string): Promise<void> {
  const removed = await askManagement(broker, 'DELETE', path)
  if (!isDone(removed) && removed.status !== GONE) throw refused(broker, `to remove ${what}`, removed)
}

const pathOf = (...parts: string[]) => parts.map(encodeURIComponent).join('/')
const isDone = ({ status }: ManagementReply) => status >= 200 && status < 300

function refused(broker: BrokerAccess, what: string, { status, text }: ManagementReply): LabError {
  const user = userOf(broker)
  const tag = broker.spaces === 'prefixes' ? 'management' : 'administrator'
  return new LabError(
    'BROKER_DENIED',
    `${broker.management}: expected ${user} ${what}, got ${status}: ${text.slice(0, 200)}\nIt needs the tag ${tag}: rabbitmqctl set_user_tags ${user} ${tag}`,
  )
}
