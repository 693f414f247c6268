import { execFile } from 'node:child_process'
import { access, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect as connectAmqp } from 'amqplib'
import { BROKER_PERMISSIONS, type BrokerRole } from '#contracts/topology'
import { LabError } from '../errors.ts'
import { type LabPlan, settingsOf } from '../plan.ts'
import { until } from '../until.ts'
import { launchMarked, type PartContext, type PartProcess } from './part-process.ts'
import { isAlive } from './proc.mjs'
import { MARK_VARIABLE } from './processes.ts'
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
  morePorts: ({ management }) => (management === true ? ['management'] : []),
  stopSignal: 'SIGTERM',
  async launch(context) {
    await access(SERVER).catch(() => {
      throw new LabError(
        'PACKAGES_MISSING',
        `${SERVER} is missing.\nInstall it: sudo apt-get install -y --no-install-recommends rabbitmq-server`,
      )
    })
    await expectGeneration(context.plan.broker)
    const base = join(context.folder, 'rabbitmq')
    await mkdir(base, { recursive: true, mode: 0o700 })
    await writeConfiguration(base, context)
    // First our own epmd: the server's would be a daemon on the usual port, and stay.
    const [, known] = context.processes
    const epmdPort = String(context.ports['epmd'])
    const env = { ERL_EPMD_PORT: epmdPort, ERL_EPMD_ADDRESS: '127.0.0.1' }
    const epmd =
      known !== undefined && isAlive(known)
        ? known
        : await launchMarked(context, { command: 'epmd', args: ['-port', epmdPort, '-address', '127.0.0.1'], env })
    // epmd forgets a killed node a little later; until then its name is taken.
    await until('epmd listens and knows no node of this name', () => epmdNames(Number(epmdPort)), {
      is: names => !names.includes(nodeName(context)),
      withinMs: 10_000,
      everyMs: 5,
    })
    const server = await launchMarked(context, {
      command: SERVER,
      args: [],
      env: {
        ...serverEnv(context),
        RABBITMQ_SCRIPTS_DIR: await withoutPlugins(base, context.plan.management === true ? MANAGEMENT : []),
        // Schedulers sleep when idle: start 2.4 s instead of 5.3 s on 2 cores.
        RABBITMQ_SCHEDULER_BUSY_WAIT_THRESHOLD: 'short',
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} ${brokerArguments(context.plan)}`,
      },
    })
    return [server, epmd]
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
    const file = join(context.folder, 'rabbitmq', 'prepared')
    const before = await readFile(file, 'utf8').catch(() => '')
    const now = `${context.processes[0]?.pid} ${context.processes[0]?.startTime}`
    if (before === now) return
    if (before !== '') await electLeaders(expression => evaluate(context, expression))
    await writeFile(file, now)
  },
  urls: ({ amqp, management }, space) => ({
    amqp: `amqp://127.0.0.1:${amqp}/${space}`,
    ...(management === undefined ? {} : { management: `http://127.0.0.1:${management}` }),
  }),
}

/** A call starts an Erlang of its own: 0.5 s, on busy cores several. */
async function evaluate(context: PartContext, expression: string): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(context.folder, 'home'),
    LANG: 'C.UTF-8',
    ...serverEnv(context),
    [MARK_VARIABLE]: context.mark,
  }
  const { stdout } = await promisify(execFile)(RABBITMQCTL, ['eval', expression], { env, timeout: CALL_WITHIN_MS })
  return stdout
}

const nodeName = ({ ports }: Pick<PartContext, 'ports'>) => `prefetch-lab-${ports['amqp']}`

/** By what the server and its control command find the same node. */
export function serverEnv(context: Pick<PartContext, 'folder' | 'ports'>): Record<string, string> {
  const base = join(context.folder, 'rabbitmq')
  return {
    ERL_EPMD_PORT: String(context.ports['epmd']),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `${nodeName(context)}@localhost`,
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
 *  three times while it runs. */
export function brokerArguments(plan: LabPlan): string {
  const { consumerTimeoutMs } = settingsOf(plan, 'rabbitmq')
  const tickMs = Math.min(TICK_MAX_MS, Math.ceil(consumerTimeoutMs / 3))
  return `-rabbit consumer_timeout ${consumerTimeoutMs} -rabbit channel_tick_interval ${tickMs}`
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
    ...(isManaged ? ['management.tcp.ip = 127.0.0.1', `management.tcp.port = ${context.ports['management']}`] : []),
    `load_definitions = ${file}`,
    'log.console = true',
    'log.file = false',
    // A lab may share a nearly full disk; the alarm below this is still the broker's own.
    'disk_free_limit.absolute = 50MB',
  ]
  await writeFile(join(base, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
  await writeFile(join(base, 'plugins'), isManaged ? '[rabbitmq_management].\n' : '[].\n')
}

/** Nodes known to epmd; rejects if none listens.
 *  https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html */
async function epmdNames(port: number): Promise<string[]> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.setTimeout(1_000, () => socket.destroy(new Error('epmd does not answer')))
  socket.write(Buffer.from([0, 1, 'n'.charCodeAt(0)]))
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return [...text.matchAll(/name (\S+) at port/g)].map(([, name = '']) => name)
}

function opens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
