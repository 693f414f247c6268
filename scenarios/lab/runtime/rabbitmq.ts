import { execFile } from 'node:child_process'
import { access, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect as connectAmqp } from 'amqplib'
import { BROKER_PERMISSIONS, type BrokerRole } from '#contracts/topology'
import { brokersOf } from '../brokers.ts'
import { LabError } from '../errors.ts'
import { type LabPlan, settingsOf } from '../plan.ts'
import { launchMarked, type PartContext, type PartProcess } from './part-process.ts'
import { MARK_VARIABLE } from './processes.ts'
import {
  clusterArguments,
  ensureCookie,
  ensureEpmd,
  epmdPort,
  isCluster,
  nodeName,
  spreadLeaders,
  untilFormed,
} from './rabbitmq-cluster.ts'
import { electLeaders } from './rabbitmq-leaders.ts'

/** A private RabbitMQ with its own home, ports, data and epmd on loopback. Tried on 3.10.8. */

/** Not the wrapper in sbin, which changes user and folder. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const RABBITMQCTL = '/usr/lib/rabbitmq/bin/rabbitmqctl'
/** Milliseconds. */
const CALL_WITHIN_MS = 30_000
const VERSIONS = '/usr/lib/rabbitmq/lib'
const MANAGEMENT = ['rabbitmq_management', 'rabbitmq_management_agent', 'rabbitmq_web_dispatch']

export const RABBITMQ: PartProcess = {
  ports: ['amqp', 'distribution', 'epmd'],
  morePorts: ({ management, tls }) => [...(management === true ? ['management'] : []), ...(tls === undefined ? [] : ['amqps'])],
  stopSignal: 'SIGTERM',
  async launch(context) {
    await access(SERVER).catch(() => {
      throw new LabError(
        'PACKAGES_MISSING',
        `${SERVER} is missing.\nInstall it: sudo apt-get install -y --no-install-recommends rabbitmq-server`,
      )
    })
    await expectGeneration(context.plan.broker)
    const base = baseOf(context)
    await mkdir(base, { recursive: true, mode: 0o700 })
    await writeConfiguration(base, context)
    if (isCluster(context)) await ensureCookie(context)
    const epmd = await ensureEpmd(context)
    const server = await launchMarked(context, {
      command: SERVER,
      args: [],
      env: {
        ...serverEnv(context),
        RABBITMQ_SCRIPTS_DIR: await withoutPlugins(base, context.plan.management === true ? MANAGEMENT : []),
        // Schedulers sleep when idle: start 2.4 s instead of 5.3 s on 2 cores.
        RABBITMQ_SCHEDULER_BUSY_WAIT_THRESHOLD: 'short',
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} ${brokerArguments(context.plan, Object.values(context.brokers).map(erlangName))}`,
      },
    })
    return [server, ...epmd]
  },
  async missing(context) {
    if (!(await opens(context.ports['amqp'] ?? 0))) return ['amqp port']
    if (context.plan.management === true && !(await opens(context.ports['management'] ?? 0))) return ['management port']
    const url = amqpUrl(context, 'lab')
    const connection = await connectAmqp(url, { timeout: 3_000 })
    await connection.close()
    return []
  },
  async prepare(context) {
    const file = join(baseOf(context), 'prepared')
    const before = await readFile(file, 'utf8').catch(() => '')
    const now = `${context.processes[0]?.pid} ${context.processes[0]?.startTime}`
    if (before === now) return
    await prepareBroker(context, before !== '', expression => rabbitmqctl(context, ['eval', expression]))
    await writeFile(file, now)
  },
  urls: ({ amqp, amqps, management }, space) => ({
    amqp: `amqp://127.0.0.1:${amqp}/${space}`,
    ...(amqps === undefined ? {} : { amqps: `amqps://127.0.0.1:${amqps}/${space}` }),
    ...(management === undefined ? {} : { management: `${amqps === undefined ? 'http' : 'https'}://127.0.0.1:${management}` }),
  }),
}

/** What a started node needs before others use it: a first start, the whole cluster; a later one,
 *  leaders. @param again it ran before */
export async function prepareBroker(
  context: PartContext,
  again: boolean,
  evaluate: (expression: string) => Promise<string>,
): Promise<void> {
  if (!isCluster(context)) {
    if (again) await electLeaders(evaluate)
  } else if (again) await spreadLeaders(evaluate)
  else await untilFormed(evaluate, Object.keys(context.brokers).length)
}

/** A call starts an Erlang of its own: 0.5 s, on busy cores several. @returns what it prints */
export async function rabbitmqctl(context: PartContext, args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(context.folder, 'home'),
    LANG: 'C.UTF-8',
    ...serverEnv(context),
    [MARK_VARIABLE]: context.mark,
  }
  const { stdout } = await promisify(execFile)(RABBITMQCTL, [...args], { env, timeout: CALL_WITHIN_MS })
  return stdout
}

const baseOf = ({ folder, part }: Pick<PartContext, 'folder' | 'part'>) => join(folder, part.name)
export const erlangName = (ports: Record<string, number>) => `${nodeName({ ports })}@localhost`

/** By what the server and its control command find the same node. */
export function serverEnv(context: Pick<PartContext, 'folder' | 'part' | 'ports' | 'brokers'>): Record<string, string> {
  const base = baseOf(context)
  return {
    ERL_EPMD_PORT: epmdPort(context),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: erlangName(context.ports),
    RABBITMQ_DIST_PORT: String(context.ports['distribution']),
    RABBITMQ_MNESIA_BASE: join(base, 'mnesia'),
    RABBITMQ_LOG_BASE: join(base, 'log'),
    RABBITMQ_PID_FILE: join(base, 'pid'),
    RABBITMQ_CONFIG_FILE: join(base, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(base, 'plugins'),
    // Ignore the machine's own /etc/rabbitmq.
    RABBITMQ_CONFIG_FILES: join(base, 'none', '*.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(base, 'none.config'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
  }
}

/** The server's folder as links, without plugins but those kept. Erlang seeks 850 modules in each
 *  folder of its path: with busy cores a start took minutes (now 50 s), alone 3.1 s (2.1 s). */
async function withoutPlugins(base: string, kept: readonly string[]): Promise<string> {
  const server = join(VERSIONS, `rabbitmq_server-${(await versionHere()) ?? ''}`)
  const ours = join(base, 'server')
  const needed = ['rabbitmq_prelaunch', ...kept]
  const isPlugin = (name: string) => name.startsWith('rabbitmq_') && !needed.some(one => name.startsWith(`${one}-`))
  for (const folder of ['sbin', 'plugins']) {
    // Left from the process before, where the broker is started again.
    await rm(join(ours, folder), { recursive: true, force: true })
    await mkdir(join(ours, folder), { recursive: true })
    const names = (await readdir(join(server, folder))).filter(name => !isPlugin(name))
    await Promise.all(names.map(name => symlink(join(server, folder, name), join(ours, folder, name))))
  }
  return join(ours, 'sbin')
}

export function amqpUrl({ ports, passwords, space }: Pick<PartContext, 'ports' | 'passwords' | 'space'>, role: BrokerRole): string {
  return `amqp://${role}:${passwords[`broker.${role}`]}@127.0.0.1:${ports['amqp']}/${space}`
}

async function versionHere(): Promise<string | undefined> {
  const folders = await readdir(VERSIONS).catch(() => [])
  return folders.find(name => name.startsWith('rabbitmq_server-'))?.slice('rabbitmq_server-'.length)
}

/** Natively a machine has one RabbitMQ. Throws BROKER_MISSING for another generation. */
async function expectGeneration(asked: string | undefined): Promise<void> {
  if (asked === undefined) return
  const found = (await versionHere()) ?? 'unknown'
  if (!found.startsWith(`${asked}.`))
    throw new LabError(
      'BROKER_MISSING',
      `expected RabbitMQ ${asked}, this machine has ${found} natively.\nContainers have all generations: --runtime compose --broker ${asked}`,
    )
}

/** It looks once a minute for tasks held too long. */
const TICK_MAX_MS = 60_000

/** Arguments of Erlang, since rabbitmq.conf has no line for the tick. A short timeout is looked at
 *  three times while it runs. @param nodes by their Erlang names: several are one cluster */
export function brokerArguments(plan: LabPlan, nodes: readonly string[]): string {
  const { consumerTimeoutMs } = settingsOf(plan, brokersOf(plan)[0] ?? 'rabbitmq')
  const tickMs = Math.min(TICK_MAX_MS, Math.ceil(consumerTimeoutMs / 3))
  const timeout = `-rabbit consumer_timeout ${consumerTimeoutMs} -rabbit channel_tick_interval ${tickMs}`
  return nodes.length > 1 ? `${timeout} ${clusterArguments(nodes)}` : timeout
}

/** Definitions loaded at the first start: no default user, so `guest` never exists. */
export function brokerDefinitions(passwords: Record<string, string>, spaces: readonly string[]): object {
  const roles = Object.keys(BROKER_PERMISSIONS) as BrokerRole[]
  return {
    users: roles.map(role => ({ name: role, password: passwords[`broker.${role}`], tags: role === 'lab' ? 'administrator' : '' })),
    vhosts: spaces.map(name => ({ name })),
    permissions: spaces.flatMap(vhost => roles.map(role => ({ user: role, vhost, ...BROKER_PERMISSIONS[role] }))),
  }
}

async function writeConfiguration(base: string, context: PartContext): Promise<void> {
  const definitions = brokerDefinitions(context.passwords, context.spaces)
  const file = join(base, 'definitions.json')
  await writeFile(file, JSON.stringify(definitions), { mode: 0o600 })
  const isManaged = context.plan.management === true
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${context.ports['amqp']}`,
    ...tlsLines('', context.plan.tls, [`listeners.ssl.1 = 127.0.0.1:${context.ports['amqps']}`]),
    ...(isManaged ? managementLines(context) : []),
    `load_definitions = ${file}`,
    'log.console = true',
    'log.file = false',
    // A lab may share a nearly full disk; the alarm below this is still the broker's own.
    'disk_free_limit.absolute = 50MB',
  ]
  await writeFile(join(base, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
  await writeFile(join(base, 'plugins'), isManaged ? '[rabbitmq_management].\n' : '[].\n')
}

function managementLines({ plan: { tls }, ports }: PartContext): string[] {
  const listens = (kind: string) => [`management.${kind}.ip = 127.0.0.1`, `management.${kind}.port = ${ports['management']}`]
  return tls === undefined ? listens('tcp') : tlsLines('management.', tls, listens('ssl'))
}

/** Of a listener. https://www.rabbitmq.com/docs/ssl */
function tlsLines(prefix: '' | 'management.', tls: LabPlan['tls'], listens: string[]): string[] {
  if (tls === undefined) return []
  const options = { cacertfile: tls.authority, certfile: tls.certificate, keyfile: tls.key }
  const of = prefix === '' ? 'ssl_options' : `${prefix}ssl`
  return [...listens, ...Object.entries(options).map(([name, file]) => `${of}.${name} = ${file}`)]
}

function opens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
