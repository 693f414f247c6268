import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import type { HistoryEvent } from '#evidence/history'
import { checkPlan, type Lab, LabError, type RuntimeName, startLab } from '#lab'
import { type Driven, httpLoad, type LoadPlan, runLoad, runNoop, runOutside, searchRate } from '../../loadtest/index.ts'
import { k6Load } from '../../loadtest/k6-host/load.ts'
import { findK6 } from '../../loadtest/k6-host/run.ts'
import type { OnPhase } from '../../loadtest/workload.ts'
import { sloTtftMs } from '../../loadtest/workloads/bot.ts'
import { CHAT } from '../../loadtest/workloads/chat.ts'
import { verdictText } from '../../reports/finding-words.ts'
import { terminalInk } from '../../reports/ink.ts'
import { loadJunit } from '../../reports/load/junit.ts'
import { LiveLines, phaseText, secondLine } from '../../reports/load/live.ts'
import { loadText, noopText, resultOf, searchText } from '../../reports/load/text.ts'
import { traceText } from '../../reports/load/words.ts'
import { circumstances } from '../../scenarios/experiment/machine.ts'
import { cacheFolder } from '../../scenarios/lab/runtime/cache.mjs'
import { type SizesGiven, sizesOf, sizesOptions } from '../advise/sizes.ts'
import { stopSignal } from '../lab/stop.ts'
import { askedBroker, readyBroker, shownBroker } from '../setup/own-broker.ts'
import { commandOf } from '../setup/program.ts'
import { type AskedRuntime, readyRuntime } from '../setup/runtime.ts'
import { BadLoad } from './bad-load.ts'
import type { CountedGiven } from './counted.ts'
import { growth } from './growth.ts'
import { labPlanOf } from './lab-plan.ts'
import { type LoadOptionsGiven, loadMs, planOf, tamperOf } from './options.ts'
import { peers } from './peers.ts'
import { storedLoad } from './store.ts'

/** What `npm run load` does, once its line is read. */

export interface Options extends Omit<LoadOptionsGiven, 'lengths' | 'model'>, SizesGiven {
  threads: number
  runtime: AskedRuntime
  install: boolean
  findRate?: boolean
  engine: 'built-in' | 'k6'
  json?: boolean
  junit?: string
}

type Asked = Options & Pick<LoadOptionsGiven, 'lengths'>
/** The command that repeats a run. */
type Again = (asked: Options) => string

export async function load(workload: string, given: Options & CountedGiven, program: Command): Promise<void> {
  const options = { ...given, ...lengthsOf(given, program) }
  if (workload === 'peers') return peers(options, program)
  if (workload === 'growth') return growth(options, program)
  if (options.only !== undefined) throw new BadLoad(`--only: expected the workload peers or growth, got ${workload}`)
  // Noop too: its options are held to the same rules.
  const plan = await planOf(workload === 'noop' ? 'chat' : workload, options)
  const tampered = tamperOf(options) !== undefined
  if (tampered && (workload === 'http' || workload === 'noop'))
    throw new BadLoad(`--tamper: expected a workload with messages (chat, bot, mixed, connections), got ${workload}`)
  if (options.findRate === true && !SEARCHED.includes(workload))
    throw new BadLoad(`--find-rate: expected ${SEARCHED.join(', ')}, got ${workload}`)
  if (options.junit !== undefined && (workload === 'noop' || options.findRate === true))
    throw new BadLoad(`--junit: expected a run with a verdict, got ${workload === 'noop' ? workload : '--find-rate'}`)
  if (workload === 'noop') return noop(options)
  const { engine } = options
  if (engine === 'k6' && !k6Can(workload, options)) throw new BadLoad('k6 supports only chat and bot at a fixed rate. Drop --engine k6.')
  // Before a lab is made for it.
  const k6 = engine === 'k6' ? await findK6(process.env, cacheFolder()) : undefined
  checkPlan(labPlanOf(plan, options))
  if (plan.trace !== undefined) say(traceText(plan.trace))
  const signal = stopSignal()
  const again: Again = asked => commandOf(program, [workload], { ...asked, broker: shownBroker(asked.broker) })
  const asked = askedBroker(options)
  const runtime = await readyRuntime(options.runtime, { install: options.install, broker: asked })
  const broker = await readyBroker(asked, options, signal)
  const brokerPassword = broker.own?.password
  if (options.findRate === true) return findRate(workload, { ...options, onBroker: broker }, again, { signal, runtime, brokerPassword })
  await using lab = await startLab(labPlanOf(plan, { ...options, onBroker: broker }), { signal, runtime, brokerPassword })
  const { document, folder } = await (workload === 'http' || engine === 'k6'
    ? outside(lab, workload, plan, { ...options, onBroker: broker, k6, command: again(options) }, signal)
    : once(lab, workload, plan, { ...options, onBroker: broker }, again(options), signal)
  ).catch((error: unknown) => {
    if (!signal.aborted) throw error
    throw new LabError('INTERRUPTED', 'interrupted before anything was measured; its lab is removed', { cause: error })
  })
  if (options.json === true) console.log(JSON.stringify(resultOf(document, folder), undefined, 2))
  else console.log(loadText(document, folder, terminalInk))
  if (options.junit !== undefined) await writeFile(options.junit, loadJunit(document))
  process.exitCode = signal.aborted ? EXIT.interrupted : EXITS[document.verdict]
}

/** Lengths of prompts and answers, if they were named or a share of the GPUs' work needs them. */
function lengthsOf(given: Options, program: Command): Pick<LoadOptionsGiven, 'lengths'> {
  const named = sizesOptions().some(size => size.long !== '--model' && program.getOptionValueSource(size.attributeName()) === 'cli')
  const { sizes } = sizesOf(given, program)
  return named || (given.load !== undefined && given.trace === undefined) ? { lengths: sizes } : {}
}

/** What k6 would leave out without a word is refused. */
function k6Can(workload: string, { closed, findRate, tamper, storm, trace, load: share, lengths, pairs, arrivals }: Asked): boolean {
  const builtIn = closed ?? findRate ?? tamper ?? trace ?? share ?? lengths ?? (storm || undefined)
  return (workload === 'chat' || workload === 'bot') && builtIn === undefined && pairs === 'across-nodes' && arrivals !== 'bursts'
}

const EXITS = { pass: EXIT.ok, fail: EXIT.failed, unknown: EXIT.unknown }
/** Workloads whose rate can be looked for. */
const SEARCHED = ['chat', 'bot', 'mixed']
const say = (text: string) => console.error(text)

function once(lab: Lab, workload: string, plan: LoadPlan, options: Options, command: string, signal: AbortSignal) {
  return storedLoad({ workload, command, engine: 'built-in', signal, broker: options.onBroker }, () => {
    const live = new LiveLines(say, options.threads)
    return runLoad(lab, plan, {
      seed: options.seed,
      threads: options.threads,
      signal,
      tamper: tamperOf(options),
      slo: sloOf(options),
      onPhase: (phase, amount) => say(phaseText(phase, amount)),
      onTick: tick => live.tick(tick),
    })
  })
}

/** Requests on their way at any time. */
const HTTP_CONNECTIONS = 20

interface OutsideOptions extends Options {
  k6: string | undefined
  command: string
}

/** Another engine's run. */
function outside(lab: Lab, workload: string, plan: LoadPlan, options: OutsideOptions, signal: AbortSignal) {
  const { seed, design, k6, command, onBroker } = options
  const { forMs } = plan
  let events: HistoryEvent[] = []
  const http = () =>
    httpLoad({
      nodes: lab.plan.imNodes.map(node => lab.url(node)),
      secret: lab.secret,
      forMs,
      connections: HTTP_CONNECTIONS,
      signal,
      historyMessages: design === 'article' ? 0 : 50,
      onSecond: (route, second) => say(`${route}: ${secondLine(second)}`),
    })
  const drive = async (): Promise<Driven> => {
    if (k6 === undefined) return http()
    const run = await k6Load(lab, plan, { k6, seed, signal, slo: sloOf(options), onSecond: second => say(secondLine(second)) })
    events = run.events
    return run.judged
  }
  const isHttp = k6 === undefined
  const traffic = plan.traffic.map(stream => ({ ...stream, arrivals: 'even' }))
  const about = isHttp ? { workload, forMs, connections: HTTP_CONNECTIONS } : { ...plan, traffic }
  const onPhase: OnPhase = (phase, amount) => say(phaseText(phase, amount))
  return storedLoad({ workload, command, engine: isHttp ? 'autocannon' : 'k6', signal, broker: onBroker }, async () => {
    const result = await runOutside(lab, { workload, plan: about, seed, signal, onPhase, ownProcess: isHttp }, drive)
    return { result, events }
  })
}

/** Good answers are whole within this many times the limit for their beginning. */
const ANSWER_TO_TTFT = 3
function sloOf(options: Options): { ttftMs: number; answerMs: number } {
  const ttftMs = sloTtftMs(options.ttftMs, options.timeScale)
  return { ttftMs, answerMs: ANSWER_TO_TTFT * ttftMs }
}

/** The generator against a node that does nothing. */
async function noop({ users = CHAT.users, closed = 1_000, bytes: bodyBytes, threads, for: forTime, json }: Options): Promise<void> {
  const startedAt = new Date().toISOString()
  const plan = { users, outstanding: closed, bodyBytes, threads, forMs: loadMs('--for', forTime) }
  const [where, result] = [await circumstances(startedAt), await runNoop(plan)]
  if (json === true)
    console.log(
      JSON.stringify(
        { schemaVersion: 1, workload: 'noop', ...plan, ...result, machine: where.machine, commit: where.commit },
        undefined,
        2,
      ),
    )
  else console.log(noopText(plan, result))
}

/** Shorter than a run of its own: there are a dozen of them. Milliseconds. */
const TRIAL_MS = 8_000
/** A dozen rates, some of them twice or thrice. */
const SPACES = 39

interface FindOn {
  signal: AbortSignal
  runtime: RuntimeName
  brokerPassword: string | undefined
}

/** Each rate on a fresh virtual host and database of one lab. */
async function findRate(workload: string, options: Options, again: Again, on: FindOn): Promise<void> {
  const { signal } = on
  const planAt = async (rate: number) => ({ ...(await planOf(workload, { ...options, rate })), forMs: TRIAL_MS })
  const first = await planAt(options.rate ?? FIRST_RATE[workload] ?? 1)
  await using lab = await startLab(labPlanOf(first, options), { ...on, spaces: SPACES })
  let trials = 0
  const { steps, highest } = await searchRate(
    { fromPerSecond: options.rate ?? FIRST_RATE[workload] ?? 1, toPerSecond: 100_000, within: 0.1 },
    async rate => {
      const plan = await planAt(rate)
      if (trials > 0) await lab.renew(labPlanOf(plan, options), signal)
      trials += 1
      const { document } = await once(lab, workload, plan, options, again({ ...options, rate }), signal)
      signal.throwIfAborted()
      say(`${rate}/s: ${document.verdict}: ${verdictText(document)}`)
      // A generator at its limit is so the next time too.
      const saysNothing = document.verdict === 'unknown' && !document.generatorBound
      return { held: saysNothing ? null : document.verdict === 'pass', why: verdictText(document) }
    },
  )
  if (options.json === true)
    console.log(JSON.stringify({ schemaVersion: 1, workload, highestPerSecond: highest ?? null, steps }, undefined, 2))
  else console.log(searchText(workload, steps, highest))
  process.exitCode = highest === undefined ? EXIT.unknown : EXIT.ok
}

const FIRST_RATE: Readonly<Record<string, number>> = { chat: 500, bot: 5, mixed: 500 }
