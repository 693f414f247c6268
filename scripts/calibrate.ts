/** `npm run calibrate -- --ollama URL`: measures a real model server and writes a GPU profile; `--prove` runs prompts through the lab and prints predicted beside measured. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import { LabError } from '#lab'
import type { Predicted } from './calibrate/agreement.ts'
import { measure } from './calibrate/measure.ts'
import { type Calibrated, profileOf } from './calibrate/profile.ts'
import { type Proof, type ProofOptions, prove } from './calibrate/proof.ts'
import { Quiet } from './calibrate/quiet.ts'
import { type ModelServer, modelServer } from './calibrate/streams.ts'
import { predictedLines, profileLines, proofLines } from './calibrate/text.ts'
import { stopSignal } from './lab/stop.ts'
import { numberArgument, runProgram } from './setup/program.ts'
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

const ROOT = join(import.meta.dirname, '..')
const EXIT_CODES: Record<Proof['verdict'], number> = { agrees: EXIT.ok, differs: EXIT.failed, unknown: EXIT.unknown }

async function calibrate(options: Options): Promise<void> {
  const signal = stopSignal()
  try {
    await whole(options, signal)
  } catch (error) {
    if (!signal.aborted) throw error
    throw new LabError('INTERRUPTED', 'the calibration was interrupted', { cause: error })
  }
}

async function whole({ ollama, model, name, out, json, prove: prompts, ...options }: Options, signal: AbortSignal): Promise<void> {
  const server = await modelServer(ollama, model)
  const say = (text: string) => console.error(`  ${text}`)
  console.error(`${server.model} (${server.billions} billion parameters) on Ollama ${server.version} …`)
  const quiet = await Quiet.beside(server.url)
  const measured = await measure(server, quiet, signal, say)
  const { trouble } = quiet
  if (trouble !== undefined) console.error(`Noise: ${trouble}.`)
  const calibrated = profileOf(measured, { name, at: new Date().toISOString().slice(0, 10) })
  const file = out ?? join(ROOT, 'reports', 'gpus', `${name}.json`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(calibrated.profile, undefined, 2)}\n`)
  const proof = prompts === undefined ? undefined : await proven(calibrated, server, { ...options, prompts, signal, quiet })
  if (json === true) {
    const { profile } = calibrated
    console.log(JSON.stringify({ schemaVersion: 1, file, model: server.model, profile, trouble, proof }, undefined, 2))
  } else console.log([...profileLines(calibrated, file), ...(proof === undefined ? [] : proofLines(proof, calibrated))].join('\n'))
  if (proof !== undefined) process.exitCode = EXIT_CODES[proof.verdict]
}

async function proven(
  calibrated: Calibrated,
  server: ModelServer,
  {
    runtime,
    install,
    prompts,
    load,
    seed,
    ...rest
  }: Pick<Options, 'runtime' | 'install' | 'load' | 'seed'> & Pick<ProofOptions, 'quiet' | 'signal'> & { prompts: number },
): Promise<Proof> {
  const ready = await readyRuntime(runtime, { install })
  console.error(`${prompts} prompts through the lab, at ${Math.round(100 * load)} % of what the profile can do …`)
  const onPredicted = (predicted: readonly Predicted[]) => {
    for (const line of predictedLines(predicted)) console.error(`  ${line}`)
  }
  return prove({ ...calibrated, server, prompts, load, seed, runtime: ready, onPredicted, ...rest })
}

const program = new Command('npm run calibrate --')
  .exitOverride()
  .description('Measures decode, prefill, first-token floor and the batching curve of a model server, and writes a GPU profile.')
  .requiredOption('--ollama <URL>', 'the model server')
  .option('--model <NAME>', 'default: its first')
  .option('--name <NAME>', 'of the profile', 'mine')
  .option('--out <FILE>', 'default: reports/gpus/NAME.json')
  .option(
    '--prove <PROMPTS>',
    'then send so many prompts through the lab to it, and compare with the prediction',
    numberArgument(2, 10_000, true),
  )
  .option('--load <SHARE>', 'offered work as a share of what the profile can do', numberArgument(0.01, 2, false), 0.6)
  .option('--seed <N>', 'seed of every draw', numberArgument(0, 2_147_483_647, true), 1)
  .addOption(runtimeOption())
  .option('--no-install', 'never install a system package')
  .option('--json', 'one JSON document on stdout')
  .action(calibrate)

await runProgram(program)
