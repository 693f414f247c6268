/** `npm run replay -- FILE --rows 200`: real arrivals through a private lab, judged against the ideal schedule of the same arrivals. It leaves
 *  `reports/runs/TIME-replay/replay.json`, and `reports/latest` as it was. The planning and the judging are
 *  in `replay/plan.ts` and `replay/judge.ts`; this file reads the command line, `replay/run.ts` talks to the lab. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { gpuProfile } from '#contracts/gpu-profiles'
import { EXIT } from '#contracts/parts'
import { resolveSettings } from '#contracts/settings'
import { makeRunFolder } from '#evidence/store/run-folder'
import { DEFAULT_PLAN, startLab } from '#lab'
import { planText, replayCommand, summaryText } from '../reports/replay-text.ts'
import { circumstances } from '../scenarios/experiment/machine.ts'
import { exitCodeOf, judgeReplay } from '../scenarios/experiment/replay/judge.ts'
import { planReplay } from '../scenarios/experiment/replay/plan.ts'
import { runReplay } from '../scenarios/experiment/replay/run.ts'
import { parseTrace, TraceError } from '../scenarios/predictor/trace.ts'
import { stopSignal } from './lab/stop.ts'
import { numberArgument as number, runProgram } from './setup/program.ts'
import { type AskedRuntime, readyRuntime, runtimeOption } from './setup/runtime.ts'

interface Options {
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
  const trace = parseTrace(await readFile(file, 'utf8'), file)
  const plan = { ...DEFAULT_PLAN, settings: { seed, timeScale, workerPrefetchTasks: prefetch, gpuColdLoad: false } }
  const settings = resolveSettings(plan.settings)
  const gpus = plan.gpus.map(({ name, profile }) => ({ name, profile: gpuProfile(profile) }))
  const { model, answerTokensMax } = settings
  const planned = planReplay(trace, { rows, gpus, model, seed, timeScale, answerTokensMax, load })
  console.error(planText(planned))
  const signal = stopSignal()
  const runtime = await readyRuntime(options.runtime, { install: options.install })
  await using lab = await startLab(plan, { signal, runtime })
  const startedAt = new Date().toISOString()
  const { outcomes, conditions } = await runReplay(lab, planned, { signal, onProgress: line => console.error(line) })
  const summary = judgeReplay(planned, outcomes, conditions)
  const folder = await makeRunFolder('replay', startedAt)
  const document = {
    schemaVersion: 1,
    ...summary,
    seed,
    load,
    prefetchTasks: prefetch,
    trace: file,
    runtime: lab.runtime,
    ...(await circumstances(startedAt)),
    folder,
    replay: replayCommand(file, options),
  }
  await writeFile(join(folder, 'replay.json'), `${JSON.stringify(document, undefined, 1)}\n`)
  await writeFile(join(folder, 'command.txt'), `${document.replay}\n`)
  if (options.json === true) console.log(JSON.stringify(document, undefined, 2))
  else console.log(`${summaryText(summary)}\nevidence: ${folder}\nagain: ${document.replay}`)
  process.exitCode = signal.aborted ? EXIT.interrupted : exitCodeOf(summary)
}

const program = new Command('npm run replay --')
  .exitOverride()
  .description('Sends the prompts of a trace (CSV: TIMESTAMP,ContextTokens,GeneratedTokens) with its gaps and sizes through a private lab.')
  .argument('<FILE>')
  .option('--rows <N>', 'prompts to send', number(1, 100_000, true), 200)
  .option('--load <SHARE>', "offered work as a share of both GPUs' capacity", number(0.01, 2, false), 0.8)
  .option('--time-scale <N>', 'divides GPU times and gaps', number(0.01, 10_000, false), 50)
  .option('--seed <N>', 'seed of every draw', number(0, 2_147_483_647, true), 1)
  .option('--prefetch <TASKS>', "the workers' prefetch, 0 = unlimited", number(0, 65_535, true), 1)
  .addOption(runtimeOption())
  .option('--no-install', 'never install a system package')
  .option('--json', 'one JSON document on stdout')
  .action(replay)

await runProgram(program, error => {
  if (error instanceof TraceError) return `BAD_TRACE: ${error.message}`
  if (error instanceof Error && 'syscall' in error && error.syscall === 'open' && 'path' in error)
    return `BAD_TRACE: cannot read ${String(error.path)} (${error.message}).\nLike this: npm run replay -- trace.csv --rows 200`
  return undefined
})
