import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Agent, createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BrokerAccess, type Lab, startLab } from '#lab'
import { FaultLink } from '../../scenarios/lab/link/fault-link.ts'

/** A RabbitMQ that stands for a user's: TLS by an authority of our own, through a slow link, its
 *  management API behind a proxy that writes down what it is asked for. */

const LATENCY_MS = 2
const openssl = (folder: string, ...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder })
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export interface SecondBroker extends AsyncDisposable {
  lab: Lab
  own: BrokerAccess & { ca: string }
  /** An authority that signed nothing of it. */
  otherCa: string
  /** Of its management API: method and path. */
  asked: string[]
  /** Its management API, as an administrator. */
  call(method: string, path: string, body?: object): Promise<unknown>
  /** All that it keeps, by kind. */
  listing(): Promise<Record<string, string[]>>
}

export async function secondBroker(folder: string): Promise<SecondBroker> {
  await using stack = new AsyncDisposableStack()
  for (const name of ['ca', 'other'])
    await openssl(folder, 'req', '-x509', ...KEY, '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`)
  await openssl(folder, 'req', ...KEY, '-subj', '/CN=broker', '-keyout', 'server.key', '-out', 'server.csr')
  await writeFile(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1')
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
  await openssl(folder, 'x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem')
  const [ca, certificate, key] = ['ca.pem', 'server.pem', 'server.key'].map(name => join(folder, name)) as [string, string, string]
  const tls = { certificate, key, authority: ca }
  const lab = stack.use(await startLab({ imNodes: [], gpus: [], workers: [], management: true, tls }))
  const { password } = new URL(lab.serverUrls('lab').amqp)

  const link = stack.use(await FaultLink.open({ host: '127.0.0.1', port: Number(new URL(lab.url('rabbitmq', 'amqps')).port) }))
  await link.set({ latencyMs: LATENCY_MS })
  const asked: string[] = []
  const agent = new Agent({ ca: readFileSync(ca) })
  const proxy = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (got, response) => {
    asked.push(`${got.method} ${got.url}`)
    const to = new URL(got.url ?? '', lab.url('rabbitmq', 'management'))
    const onward = request(to, { agent, method: got.method, headers: got.headers }, answer => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    got.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  stack.defer(() => void proxy.close())
  const management = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`

  /** By its own address, so that nobody writes it down. */
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const options = { agent, method, auth: `lab:${password}`, headers: { 'content-type': 'application/json' } }
    const sent = request(new URL(`/api/${path}`, lab.url('rabbitmq', 'management')), options).end(body && JSON.stringify(body))
    const [answer] = (await once(sent, 'response')) as [AsyncIterable<Buffer>]
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    return text === '' ? undefined : JSON.parse(text)
  }

  async function namesOf(kind: string): Promise<string[]> {
    const all = (await call('GET', kind)) as { vhost?: string; name?: string; user?: string; source?: string; destination?: string }[]
    return all
      .map(({ vhost, name, user, source, destination }) => [vhost, name, user, source, destination].filter(Boolean).join(' '))
      .sort()
  }
  const moved = stack.move()
  return {
    lab,
    own: { url: `amqps://lab@127.0.0.1:${link.port}`, virtualHost: 'lab', management, ca, password },
    otherCa: join(folder, 'other.pem'),
    asked,
    call,
    async listing() {
      const kinds = ['vhosts', 'users', 'permissions', 'queues', 'exchanges', 'bindings', 'policies', 'parameters']
      return Object.fromEntries(await Promise.all(kinds.map(async kind => [kind, await namesOf(kind)] as const)))
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  }
}
