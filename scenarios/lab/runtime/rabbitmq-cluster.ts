import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { until } from '../until.ts'
import { launchMarked, type PartContext } from './part-process.ts'
import { isAlive, type ProcessId } from './proc.mjs'

/** Three nodes of RabbitMQ on one machine: one port mapper, one cookie, a node name each. */

/** A node that is silent for so long is taken for dead; the broker's own default is 60.
 *  Until then the database of 3.10 waits for it, and so does every queue that is declared. */
const NET_TICK_SECONDS = 6
const FORMED_WITHIN_MS = 60_000
/** Two nodes of 4.3 that meet at a leaderless moment answer late. Milliseconds. */
const SPREAD_WITHIN_MS = 30_000
const SPREAD_TRIES = 10

type Evaluate = (expression: string) => Promise<string>

export const nodeName = ({ ports }: Pick<PartContext, 'ports'>) => `prefetch-lab-${ports['amqp']}`

export const isCluster = ({ brokers }: Pick<PartContext, 'brokers'>) => Object.keys(brokers).length > 1

/** Of all nodes the first one's: through it they find each other. */
export function epmdPort({ brokers, ports }: Pick<PartContext, 'brokers' | 'ports'>): string {
  return String((Object.values(brokers)[0] ?? ports)['epmd'])
}

/** Arguments of Erlang that make these nodes one cluster. @param nodes by their Erlang names */
export function clusterArguments(nodes: readonly string[]): string {
  const list = nodes.map(node => `'${node}'`).join(',')
  // 3.10 closes what has no majority; Raft decides from 4.0 on, whatever is set here.
  return `-rabbit cluster_nodes {[${list}],disc} -rabbit cluster_partition_handling pause_minority -kernel net_ticktime ${NET_TICK_SECONDS}`
}

/** Nodes with one cookie trust each other. The first to start writes it. */
export async function ensureCookie({ folder, passwords }: Pick<PartContext, 'folder' | 'passwords'>): Promise<void> {
  await writeFile(join(folder, 'home', '.erlang.cookie'), passwords['broker.lab'] ?? '', { flag: 'wx', mode: 0o400 }).catch(
    (error: Error & { code?: string }) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
}

/** Our own epmd: the server's would be a daemon on the usual port, and stay. With several nodes it
 *  belongs to none of them, and outlives each. @returns it where it is the part's own */
export async function ensureEpmd(context: PartContext): Promise<ProcessId[]> {
  const port = epmdPort(context)
  const launch = () =>
    launchMarked(isCluster(context) ? { ...context, part: { ...context.part, name: 'epmd' } } : context, {
      command: 'epmd',
      args: ['-port', port, '-address', '127.0.0.1'],
      env: { ERL_EPMD_PORT: port, ERL_EPMD_ADDRESS: '127.0.0.1' },
    })
  const [, known] = context.processes
  const own: ProcessId[] = []
  if (isCluster(context)) {
    const listens = await epmdNames(Number(port)).then(
      () => true,
      () => false,
    )
    // Two that start it at once: the second finds the port taken, and ends.
    if (!listens) await launch()
  } else own.push(known !== undefined && isAlive(known) ? known : await launch())
  // epmd forgets a killed node a little later; until then its name is taken.
  await until('epmd listens and knows no node of this name', () => epmdNames(Number(port)), {
    is: names => !names.includes(nodeName(context)),
    withinMs: 10_000,
    everyMs: 5,
  })
  return own
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

/** Nodes of the cluster in which RabbitMQ runs, as one of them sees it. */
const RUNNING = 'length([N || N <- [node() | nodes()], rabbit:is_running(N)]).'

/** A queue declared before all are there would have fewer members. */
export async function untilFormed(evaluate: Evaluate, nodes: number): Promise<void> {
  const running = async () => Number((await evaluate(RUNNING)).trim())
  await until(`${nodes} nodes form the cluster`, running, { atLeast: nodes, withinMs: FORMED_WITHIN_MS })
}

/** Queue and the node of its leader, a line each, of all virtual hosts; of a classic queue the node
 *  on which it lies. */
const LEADERS = `
  [io:format("~s ~s ~s ~s~n", [V, N, amqqueue:get_type(Q), case amqqueue:get_pid(Q) of
      {Ra, _} -> case ra:members({Ra, node()}, 2000) of {ok, _, {_, Leader}} -> Leader; _ -> none end;
      Pid when is_pid(Pid) -> node(Pid);
      _ -> none end])
    || Q <- rabbit_amqqueue:list(), {resource, V, queue, N} <- [amqqueue:get_name(Q)]], ok.`

export interface Leader {
  space: string
  queue: string
  isQuorum: boolean
  /** Erlang's name of the node; `none`: it has no leader now. */
  node: string
}

export async function leadersOf(evaluate: Evaluate): Promise<Leader[]> {
  const lines = (await evaluate(LEADERS)).split('\n')
  return lines.flatMap(line => {
    const [, space, queue, type, node] = /^(\S+) (\S+) (\S+) (\S+)$/.exec(line.trim()) ?? []
    return space === undefined || queue === undefined || node === undefined
      ? []
      : [{ space, queue, isQuorum: type === 'rabbit_quorum_queue', node }]
  })
}

/** As `rabbitmq-queues rebalance quorum` does: a node that came back leads nothing. */
const REBALANCE = 'rabbit_amqqueue:rebalance(quorum, <<".*">>, <<".*">>), ok.'

/** Every queue has a leader, and they are spread over the nodes again, as far as a few tries do it:
 *  a member that still catches up is not made the leader. */
export async function spreadLeaders(evaluate: Evaluate): Promise<void> {
  const leaders = async () => (await leadersOf(evaluate)).filter(({ isQuorum }) => isQuorum).map(({ node }) => node)
  const leaderless = async () => (await leaders()).filter(node => node === 'none').length
  await until('every quorum queue has a leader', leaderless, { equals: 0, withinMs: SPREAD_WITHIN_MS })
  const nodes = Number((await evaluate(RUNNING)).trim())
  for (let tries = 0; tries < SPREAD_TRIES; tries += 1) {
    await evaluate(REBALANCE)
    const all = await leaders()
    const most = Math.max(0, ...all.map(node => all.filter(other => other === node).length))
    // RabbitMQ's own rule for an even spread.
    if (most <= Math.floor(all.length / nodes) + 1) return
  }
}
