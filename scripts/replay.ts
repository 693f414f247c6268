/** `npm run replay -- FILE --rows 200`: real arrivals through a private lab, as a run. */
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { resolveSettings, type SettingsInput } from '#contracts/settings'
import { eventsOf, type History } from '#evidence/history'
import { checkPlan, DEFAULT_PLAN, LabError } from '#lab'
import { replaySummary } from '../reports/replay/summary.ts'
import { planText, summaryText } from '../reports/replay/text.ts'
import { capFor, workOf } from '../scenarios/experiment/replay/lab-work.ts'
import { planReplay } from '../scenarios/experiment/replay/plan.ts'
import { REPLAY_ARM, replayOf } from '../scenarios/experiment/replay/replay.ts'
import { Fitting } from '../scenarios/predictor/trace/long-prompts.ts'
import { TraceError } from '../scenarios/predictor/trace/time.ts'
import { stopSignal } from './lab/stop.ts'
import { runOne } from './scenario/one.ts'
import { exitCodeOf } from './scenario/result.ts'
import { type GpuOptions, gpuOption, gpusOption, withAsked } from './setup/gpus.ts'
import { commandOf, numberArgument as number, repeatable, runProgram } from './setup/program.ts'
import { type AskedRuntime, readyRuntime, runtimeOption } from './setup/runtime.ts'
import { columnsOption, firstRows, fromOption, longPromptsOption, TRACE_FORMS, type TraceOptions, traceOf } from './setup/trace.ts'

interface Options extends GpuOptions, TraceOptions {
  set: string[]
  rows: number
  load: number
  timeScale: number
  seed: number
  prefetch: number
  runtime: AskedRuntime
  install: boolean
  json?: boolean
}

async function replay(file: string, options: Options): Promise<void> {
  const { rows, load, timeScale, seed, prefetch } = options
  const asked = (settings: SettingsInput) =>
    withAsked({ ...DEFAULT_PLAN, settings: { timeScale, workerPrefetchTasks: prefetch, ...settings } }, options)
  const { contextTokens } = workOf(asked({}))
  const fitting = new Fitting(options.longPrompts ?? 'skip', contextTokens)
  const trace = await traceOf(file, options, {
    example: 'npm run replay -- trace.csv --rows 200',
    enough: firstRows(rows),
    fitting,
  })
  const lab = asked(capFor(trace.rows.map(({ answerTokens }) => answerTokens)))
  checkPlan(lab)
  const plan = planReplay(trace.rows, { rows, load, seed, tooLong: fitting.counted, ...workOf(lab) })
  const skippedRows = fitting.how === 'skip' ? fitting.rows : 0
  console.error(planText(plan))
  const signal = stopSignal()
  const command = commandOf(program, [file], options)
  const parameters = {
    trace: file,
    rows,
    load,
    timeScale: plan.work.timeScale,
    prefetchTasks: resolveSettings(lab.settings).workerPrefetchTasks,
    skippedRows,
  }
  const runtime = await readyRuntime(options.runtime, { install: options.install })
  const say = (text: string) => console.error(text)
  const run = await runOne(replayOf(parameters, plan, command, lab), {
    seed,
    size: 'full',
    signal,
    runtime,
    say,
    onLook: progress(say),
  }).catch((error: unknown) => {
    throw signal.aborted ? new LabError('INTERRUPTED', 'the replay was interrupted; its lab is removed', { cause: error }) : error
  })
  const { document, folder, histories } = run
  const summary = replaySummary(document, histories.get(REPLAY_ARM) ?? [], { planned: rows, skippedRows })
  const { startedAt, commit, machine, versions } = document
  const { node, lab: labVersion } = versions
  const where = { trace: file, runtime: document.runtime, startedAt, node, labVersion, commit, machine, folder: resolve(folder) }
  // Their names in older documents.
  const older = { handOverMs: summary.gapMs, loadWithHandOver: summary.loadWithGap }
  const written = { schemaVersion: 1, ...summary, ...older, seed, load, prefetchTasks: prefetch, ...where, replay: command }
  await writeFile(join(folder, 'replay.json'), `${JSON.stringify(written, undefined, 1)}\n`)
  await writeFile(join(folder, 'command.txt'), `${command}\n`)
  if (options.json === true) console.log(JSON.stringify(written, undefined, 2))
  else console.log(`${summaryText(summary)}\nevidence: ${folder}\nagain: ${command}`)
  process.exitCode = exitCodeOf([document], run.error === undefined ? [] : [run.error])
}

const PROGRESS_EVERY_MS = 1_000

/** A line a second, from the first prompt of the trace on. */
function progress(say: (text: string) => void): (arm: string, seen: History) => void {
  let lastMs = 0
  return (_, seen) => {
    const sends = eventsOf(seen, 'send').filter(({ dueMs }) => dueMs !== undefined)
    if (sends.length === 0 || performance.now() - lastMs < PROGRESS_EVERY_MS) return
    lastMs = performance.now()
    const first = sends[0]?.atMs ?? 0
    const ended = new Set(eventsOf(seen, 'shown').flatMap(({ atMs, task }) => (task === undefined || atMs < first ? [] : [task]))).size
    const seconds = Math.round(((seen.events.at(-1)?.atMs ?? first) - first) / 1_000)
    say(`${seconds} s: sent ${sends.length}, answered ${ended}, open ${sends.length - ended}`)
  }
}

const program = new Command('npm run replay --')
  .exitOverride()
  .description(`Sends the prompts of a trace through a private lab, with its gaps and sizes. ${TRACE_FORMS}.`)
  .argument('<FILE>')
  .option('--rows <N>', 'prompts to send', number(1, 100_000, true), 200)
  .option('--load <SHARE>', "offered work as a share of the GPUs' capacity", number(0.01, 2, false), 0.8)
  .option('--time-scale <N>', 'divides GPU times and gaps', number(0.01, 10_000, false), 50)
  .option('--seed <N>', 'random seed', number(0, 2_147_483_647, true), 1)
  .option('--prefetch <TASKS>', "the workers' prefetch, 0 = unlimited", number(0, 65_535, true), 1)
  .addOption(columnsOption())
  .addOption(fromOption())
  .addOption(longPromptsOption(['skip', 'cut']))
  .addOption(gpusOption())
  .addOption(gpuOption())
  .option('--set <NAME=VALUE>', 'a setting, or PART:NAME=VALUE for one part; repeatable', repeatable, [])
  .addOption(runtimeOption())
  .option('--no-install', 'do not install system packages')
  .option('--json', 'one JSON document on stdout')
  .action(replay)

await runProgram(program, error => (error instanceof TraceError ? `BAD_TRACE: ${error.message}` : undefined))
