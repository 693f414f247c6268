/** `npm run calibrate -- --ollama URL`: measures a real model server, writes a GPU profile;
 *  `--prove` compares its prediction with prompts through the lab. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import { unknownByNoise } from '#evidence/judge'
import { inspectModelServer, LabError, modelAddress, readyModel } from '#lab'
import { predictedLines, profileLines, proofLines } from '../reports/calibrate-text.ts'
import { verdictText } from '../reports/finding-words.ts'
import { measure } from '../scenarios/experiment/calibrate/measure.ts'
import { type Calibrated, profileOf, type ServedModel } from '../scenarios/experiment/calibrate/profile.ts'
import { type Proof, proofOf, provenBy, type Stated } from '../scenarios/experiment/calibrate/proof.ts'
import { Quiet } from '../scenarios/experiment/calibrate/quiet.ts'
import { stopSignal } from './lab/stop.ts'
import { runOne } from './scenario/one.ts'
import { commandOf, numberArgument, runProgram } from './setup/program.ts'
import { type AskedRuntime, readyRuntime, runtimeOption } from './setup/runtime.ts'

interface Options {
  ollama: string
  model?: string
  name: string
  out?: string
  prove?: number
  load: number
  seed: number
  runtime: AskedRuntime
  install: boolean
  json?: boolean
}

/** Of a whole calibration, its proof included. */
const WITHIN_MS = 60 * 60_000
const ROOT = join(import.meta.dirname, '..')
const EXIT_CODES: Record<Proof['verdict'], number> = { agrees: EXIT.ok, differs: EXIT.failed, unknown: EXIT.unknown }

async function calibrate(options: Options): Promise<void> {
  const stop = stopSignal()
  const late = AbortSignal.timeout(WITHIN_MS)
  try {
    await whole(options, AbortSignal.any([stop, late]))
  } catch (error) {
    if (stop.aborted) throw new LabError('INTERRUPTED', 'the calibration was interrupted', { cause: error })
    if (!late.aborted) throw error
    const minutes = WITHIN_MS / 60_000
    throw new LabError(
      'NO_MODEL_SERVER',
      `the calibration did not end within ${minutes} minutes.\nTake a smaller model, or fewer prompts`,
      {
        cause: error,
      },
    )
  }
}

/** The chosen model, or the first that can chat. */
async function servedModel(ollama: string, wanted: string | undefined, signal: AbortSignal): Promise<ServedModel> {
  const server = await inspectModelServer(modelAddress(ollama, process.env['OLLAMA_HEADERS']), signal)
  const model = await readyModel(server, wanted, signal)
  const how = model.think === false ? ', asked not to reason' : model.reasoningTokens > 0 ? ', reasoning included' : ''
  console.error(`${model.name} (${model.billions} billion parameters) on Ollama ${server.version}${how} …`)
  return { ...server, ...model }
}

async function whole({ ollama, model, name, out, json, prove: prompts, ...options }: Options, signal: AbortSignal): Promise<void> {
  const server = await servedModel(ollama, model, signal)
  const say = (text: string) => console.error(`  ${text}`)
  const quiet = await Quiet.beside(server.url, say)
  const measured = await measure(server, quiet, signal, say)
  const { trouble } = quiet
  if (trouble !== undefined) console.error(`Noise: ${trouble}.`)
  const calibrated = profileOf(measured, { name, at: new Date().toISOString().slice(0, 10), trouble })
  const file = out ?? join(ROOT, 'reports', 'gpus', `${name}.json`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(calibrated.profile, undefined, 2)}\n`)
  if (json !== true) console.log(profileLines(calibrated, file, trouble).join('\n'))
  const command = commandOf(program, [], { ...options, ollama, model: server.name, name, out, prove: prompts })
  const proof = prompts === undefined ? undefined : await proven(calibrated, server, { ...options, prompts, signal, quiet, command })
  if (json === true) {
    const { profile, clock } = calibrated
    console.log(JSON.stringify({ schemaVersion: 1, file, model: server.name, clock, profile, trouble, proof }, undefined, 2))
  } else if (proof !== undefined) console.log(proofLines(proof, calibrated).join('\n'))
  if (proof !== undefined) process.exitCode = EXIT_CODES[proof.verdict]
}

const RUNS_MAX = 3

interface ProofOptions extends Pick<Options, 'runtime' | 'install' | 'load' | 'seed'> {
  prompts: number
  /** Of the profile's measurements: if those had trouble, no run proves anything. */
  quiet: Quiet
  signal: AbortSignal
  command: string
}

/** Repeats a run that other processes disturbed. */
async function proven(calibrated: Calibrated, server: ServedModel, options: ProofOptions): Promise<Proof> {
  const { runtime, install, prompts, load, seed, quiet, signal, command } = options
  if (server.reasoningTokens > 0)
    throw new LabError(
      'MODEL_REASONS_ON',
      `${server.name} always reasons before an answer, so an answer's length is not known: unknown.\nProve another model: --model NAME`,
    )
  const ready = await readyRuntime(runtime, { install })
  console.error(`${prompts} prompts through the lab, at ${Math.round(100 * load)} % of what the profile can do …`)
  const modelServer = { ...server, model: server.name }
  for (let runs = 1; ; runs += 1) {
    await quiet.settled(signal)
    let stated: Stated | undefined
    const onStated = (before: Stated) => {
      stated = before
      for (const line of predictedLines(before.predicted)) console.error(`  ${line}`)
    }
    const scenario = proofOf({ ...calibrated, server, prompts, load, seed }, onStated, command)
    const say = (text: string) => console.error(`  ${text}`)
    const { document, histories, folder } = await runOne(scenario, { seed, size: 'full', signal, runtime: ready, modelServer, say })
    const [arm] = document.arms
    const answered = arm?.checks.find(({ name }) => name === 'all-answered')?.verdict === 'pass'
    if (arm === undefined || stated === undefined || !answered)
      throw new LabError(
        'NO_MODEL_SERVER',
        `some prompts got no answer: ${arm === undefined ? 'nothing ran' : verdictText(arm)}. The profile is written.\nSee: npm run report -- ${folder}`,
      )
    if (unknownByNoise(arm) && runs < RUNS_MAX) continue
    // A busy machine excuses a miss; a profile measured on one may fit by chance.
    const doubt = quiet.trouble ?? (document.verdict === 'unknown' ? verdictText(arm) : undefined)
    const verdict = doubt !== undefined ? 'unknown' : document.verdict === 'pass' ? 'agrees' : 'differs'
    const figures = provenBy(stated, { ...arm.facts, events: histories.get(arm.name) ?? [] })
    return { verdict, ...(doubt === undefined ? {} : { trouble: doubt }), runs, ...figures }
  }
}

const program = new Command('npm run calibrate --')
  .exitOverride()
  .description('Measures decode, prefill, first-token floor and the batching curve of a model server, and writes a GPU profile.')
  .requiredOption('--ollama <URL>', 'the model server (its headers: OLLAMA_HEADERS, a JSON object)')
  .option('--model <NAME>', 'its model (default: the first that can chat)')
  .option('--name <NAME>', 'name of the profile', 'mine')
  .option('--out <FILE>', 'where to write it (default: reports/gpus/NAME.json)')
  .option('--prove <PROMPTS>', 'then send PROMPTS through the lab, and compare with the prediction', numberArgument(2, 10_000, true))
  .option('--load <SHARE>', "offered work as a share of the profile's capacity", numberArgument(0.01, 2, false), 0.6)
  .option('--seed <N>', 'random seed', numberArgument(0, 2_147_483_647, true), 1)
  .addOption(runtimeOption())
  .option('--no-install', 'do not install system packages')
  .option('--json', 'one JSON document on stdout')
  .action(calibrate)

await runProgram(program)
