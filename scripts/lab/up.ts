import { Listr } from 'listr2'
import type { SettingsInput } from '#contracts/settings'
import {
  type AskedBroker,
  attachLab,
  checkPlan,
  DEFAULT_PLAN,
  type Lab,
  LabError,
  type LabPlan,
  lookAtModelServers,
  type OnPart,
  partsOf,
  plannedBroker,
  type RuntimeName,
  upLab,
  withServedModels,
} from '#lab'
import { tableText, terminalColumns } from '../../services/terminal/table.ts'
import { type GpuOptions, withAsked } from '../setup/gpus.ts'
import { askedBroker, type BrokerOptions, readyBroker } from '../setup/own-broker.ts'
import { type AskedRuntime, readyRuntime } from '../setup/runtime.ts'
import { type ModelServersAsked, withModelServers } from './model-server-options.ts'
import { printStatus, statusDocument } from './status.ts'
import { stopSignal } from './stop.ts'
import { withNews } from './waiting.ts'

export interface UpArguments extends GpuOptions, ModelServersAsked, BrokerOptions {
  name: string
  design?: string
  set: string[]
  seed?: string
  timeScale?: string
  runtime: AskedRuntime
  brokers?: number
  fixedPorts?: boolean
  console: boolean
  install: boolean
  json?: boolean
}

const NO_CONSOLE = 'Note: no live page, since its server needs the lab as local processes: --runtime native'

/** `npm run lab:up`: set-up, start, table. */
export async function up(options: UpArguments): Promise<void> {
  const broker = askedBroker(options)
  const asked = planFrom(options, broker) // First: bad input must not cost a set-up.
  const signal = stopSignal()
  const startedMs = performance.now()
  const { plan: served, notices } = await withServedModels(asked, signal)
  for (const notice of [...notices, ...(await lookAtModelServers(served, signal))]) console.error(`Note: ${notice}.`)
  const urls = served.gpus.flatMap(gpu => gpu.url ?? [])
  const runtime = (await runtimeOfRunning(options)) ?? (await readyRuntime(options.runtime, { install: options.install, broker, urls }))
  const withConsole = { ...served, console: options.console && runtime === 'native' }
  if (options.console && !withConsole.console) console.error(NO_CONSOLE)
  const certificates = served.gpus.find(gpu => gpu.certificates !== undefined)?.certificates
  if (runtime === 'compose' && certificates !== undefined)
    throw new LabError(
      'BAD_SETTING',
      `NODE_EXTRA_CA_CERTS: containers cannot read the certificate file ${certificates}.\nWith local processes: --runtime native`,
    )
  const plan = { ...withConsole, ...plannedBroker(await readyBroker(broker, options, signal)) }
  const { lab, wasUp } = await withProgress(options.name, plan, onPart =>
    upLab({
      name: options.name,
      plan,
      runtime,
      brokerPassword: broker.own?.password,
      fixedPorts: options.fixedPorts === true,
      onPart,
      signal,
    }),
  )
  await using _ = lab
  const document = await statusDocument(lab)
  if (options.json === true) {
    console.log(JSON.stringify(document, undefined, 2))
    return
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  console.log(wasUp ? `The lab ${lab.name} was up already.` : `The lab ${lab.name} is up after ${seconds} s.`)
  printStatus(document)
  console.log(nextSteps(lab))
}

/** Without --runtime: the runtime of the lab that runs. */
async function runtimeOfRunning({ name, runtime }: UpArguments): Promise<RuntimeName | undefined> {
  if (runtime !== 'auto') return undefined
  return attachLab(name).then(
    async lab => {
      await lab[Symbol.asyncDispose]()
      return lab.runtime
    },
    (error: unknown) => {
      if (error instanceof LabError && error.code === 'NO_LAB') return undefined
      throw error
    },
  )
}

/** The lab that was asked for. Throws LabError. */
export function planFrom(options: UpArguments, broker: AskedBroker = askedBroker(options)): LabPlan {
  const { design, seed, timeScale, ollama, openai, brokers, ...own } = options
  const named = { design, seed, timeScale } as SettingsInput
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  // First: the names of parts that settings may be for.
  const base = { ...DEFAULT_PLAN, ...plannedBroker(broker), ...(brokers === undefined ? {} : { brokers }) }
  const whole = withModelServers(withAsked({ ...base, settings: given }, own), { ollama, openai })
  checkPlan(whole)
  return whole
}

/** A live list on a terminal, otherwise a line per part; on stderr: stdout is the result. */
async function withProgress<T>(name: string, plan: LabPlan, run: (onPart: OnPart) => Promise<T>): Promise<T> {
  if (process.stderr.isTTY !== true || process.env['CI'] !== undefined) {
    const onPart: OnPart = (part, event, tookMs) => {
      if (event === 'ready') console.error(`${part.name} ready after ${(tookMs / 1_000).toFixed(1)} s`)
    }
    return withNews(
      name,
      () => true,
      () => run(onPart),
    )
  }
  const ready = new Map<string, PromiseWithResolvers<number>>()
  const of = (part: string) => ready.get(part) ?? ready.set(part, Promise.withResolvers<number>()).get(part)
  const result = run((part, event, tookMs) => {
    if (event === 'ready') of(part.name)?.resolve(tookMs)
  })
  const tasks = partsOf(plan)
    .map(({ name: part }) => part)
    .map(part => ({
      title: part,
      async task(_: unknown, task: { title: string }) {
        const tookMs = await Promise.race([of(part)?.promise, result.then(() => undefined)])
        if (tookMs !== undefined) task.title = `${part} ready after ${(tookMs / 1_000).toFixed(1)} s`
      },
    }))
  const list = new Listr([{ title: `lab ${name}`, task: (_, task) => task.newListr(tasks, { concurrent: true }) }], {
    exitOnError: false,
    registerSignalListeners: false, // Ours clear the lab away first.
    rendererOptions: { collapseSubtasks: false, collapseErrors: true, showErrorMessage: false },
  })
  await list.run().catch(() => undefined)
  return result
}

function nextSteps(lab: Lab): string {
  const other = lab.name === 'main' ? '' : ` --name ${lab.name}`
  const rows = [
    ['chat', `npm run chat -- --as ann --on im-a${other}`],
    ['status and addresses', `npm run lab:status${other === '' ? '' : ` --${other}`}`],
    ['end', `npm run lab:down${other === '' ? '' : ` --${other}`}`],
  ]
  return tableText(rows, { columns: terminalColumns(process.stdout) })
}
