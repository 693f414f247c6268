import { readFileSync } from 'node:fs'
import { LabError } from '../errors.ts'
import { withoutCredentials } from '../real-model/address.ts'

/** A broker of the user's. The lab runs none then; passwords stand in its state alone. */
export interface OwnBroker {
  /** `amqp://user@host:5672`, amqps too; without password and virtual host. */
  url: string
  /** Of the address: where one connects to look, and where names get a prefix. */
  virtualHost: string
  /** Its management API, without credentials. */
  management: string
  /** Each space gets a virtual host, or a prefix of names where those may not be made. */
  spaces?: 'virtual-hosts' | 'prefixes'
  /** PEM file of authorities to trust besides the system's. */
  ca?: string
}

export interface BrokerAccess extends OwnBroker {
  /** Secret: never shown. */
  password: string
}

const PASSWORD_VARIABLE = 'BROKER_PASSWORD'
const LIKE_THIS = 'Like this: npm run lab:up -- --broker amqps://USER@HOST/'
const PORTS: Readonly<Record<string, { amqp: number; management: string }>> = {
  'amqp:': { amqp: 5672, management: 'http://HOST:15672' },
  'amqps:': { amqp: 5671, management: 'https://HOST:15671' },
}

export const isBrokerAddress = (given: string) => /^amqps?:\/\//i.test(given)

/** Reads `--broker amqps://USER:PASSWORD@HOST/VHOST`. Throws BAD_BROKER_ADDRESS.
 *  @param management default: the usual port beside the broker's
 *  @param env has the password, where the address has none */
export function brokerAccess(
  given: string,
  { management, ca }: { management?: string | undefined; ca?: string | undefined },
  env: Record<string, string | undefined>,
): BrokerAccess {
  if (!isEncoded(given)) throw bad(`--broker: expected an address in percent encoding, got another %; write % as %25\n${LIKE_THIS}`)
  const url = URL.parse(given)
  const ports = url === null ? undefined : PORTS[url.protocol]
  if (url === null || ports === undefined || url.hostname === '')
    throw bad(`--broker: expected amqp://USER@HOST/VHOST or amqps://…, got ${JSON.stringify(withoutCredentials(given))}\n${LIKE_THIS}`)
  if (url.search !== '' || url.hash !== '')
    throw bad(`--broker: expected an address without ? and #, got ${withoutCredentials(given)}\n${LIKE_THIS}`)
  if (url.username === '') throw bad(`--broker: expected a user before the host, got none\n${LIKE_THIS}`)
  const password = url.password === '' ? env[PASSWORD_VARIABLE] : decodeURIComponent(url.password)
  if (password === undefined || password === '')
    throw bad(`--broker: the password of ${decodeURIComponent(url.username)} is missing.\nSet it: export ${PASSWORD_VARIABLE}=…`)
  if (ca !== undefined) readAuthorities(ca)
  return {
    url: `${url.protocol}//${url.username}@${url.hostname}:${url.port || ports.amqp}`,
    virtualHost: decodeURIComponent(url.pathname.slice(1)) || '/',
    management: management === undefined ? ports.management.replace('HOST', url.hostname) : managementUrl(management),
    ...(ca === undefined ? {} : { ca }),
    password,
  }
}

function isEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== ''
  } catch {
    return false
  }
}

function managementUrl(given: string): string {
  const url = URL.parse(given)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw bad(`--management: expected http://HOST:15672 or https://…, got ${JSON.stringify(withoutCredentials(given))}`)
  if (url.username !== '') throw bad('--management: expected an address without a user: it is the one of --broker')
  return url.href.replace(/\/+$/, '')
}

/** For amqplib, which takes credentials and virtual host in the address. */
export function amqpAddress({ url, password }: Pick<BrokerAccess, 'url' | 'password'>, virtualHost: string): string {
  return `${url.replace('@', `:${encodeURIComponent(password)}@`)}/${encodeURIComponent(virtualHost)}`
}

export const userOf = ({ url }: Pick<OwnBroker, 'url'>) => decodeURIComponent(new URL(url).username)

/** Its text. Throws BAD_BROKER_ADDRESS. */
export function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw bad(`--ca: cannot read ${file}: ${(error as Error).message}`)
  }
}

function bad(text: string): LabError {
  return new LabError('BAD_BROKER_ADDRESS', text)
}
