/** `npm run calibrate -- --ollama URL`: measures a real model server and writes a GPU profile; `--prove` runs prompts through the lab and prints predicted beside measured. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Table from 'cli-table3'
import { Command } from 'commander'
import { LabError } from '#lab'
import { measure } from './calibrate/measure.ts'
import { type Calibrated, profileOf } from './calibrate/profile.ts'
import { type Compared, prove } from './calibrate/proof.ts'
import { modelServer } from './calibrate/streams.ts'
import { stopSignal } from './lab/stop.ts'
import { NO_LINES } from './lab/up.ts'
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

async function calibrate(options: Options): Promise<void> {
  const signal = stopSignal()
  try {
    await whole(options, signal)
  } catch (error) {
    if (!signal.aborted) throw error
    throw new LabError('INTERRUPTED', 'the calibration was interrupted; nothing is written', { cause: error })
  }
}

async function whole({ ollama, model, name, out, json, ...options }: Options, signal: AbortSignal): Promise<void> {
  const server = await modelServer(ollama, model)
  console.error(`${server.model} (${server.billions} billion parameters) on Ollama ${server.version} …`)
  const measured = await measure(server, signal, text => console.error(`  ${text}`))
  const calibrated = profileOf(measured, { name, at: new Date().toISOString().slice(0, 10) })
  const file = out ?? join(ROOT, 'reports', 'gpus', `${name}.json`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(calibrated.profile, undefined, 2)}\n`)
  const proof = options.prove === undefined ? undefined : await proven(calibrated, server, { ...options, prompts: options.prove, signal })
  if (json === true)
    console.log(JSON.stringify({ schemaVersion: 1, file, model: server.model, profile: calibrated.profile, proof }, undefined, 2))
  else console.log(text(calibrated, file, proof))
}

async function proven(
  { profile, frameTokens }: Calibrated,
  server: Awaited<ReturnType<typeof modelServer>>,
  {
    runtime,
    install,
    prompts,
    load,
    seed,
    signal,
  }: Pick<Options, 'runtime' | 'install' | 'load' | 'seed'> & { prompts: number; signal: AbortSignal },
): Promise<Compared[]> {
  const ready = await readyRuntime(runtime, { install, urls: [server.url] })
  console.error(`${prompts} prompts through the lab, at ${Math.round(100 * load)} % of what the profile can do …`)
  return prove({ server, profile, frameTokens, prompts, load, seed, runtime: ready, signal })
}

function text({ profile }: Calibrated, file: string, proof: Compared[] | undefined): string {
  const [speed] = Object.values(profile.speeds)
  const lines = [
    `decode ${speed?.decodeTokensPerSecond} tokens/s, prefill ${speed?.prefillTokensPerSecond} tokens/s, ${profile.floorMs.join(' to ')} ms besides,`,
    `${profile.slots} at once (together ${profile.batching.join(', ')} times one)`,
    `profile: ${file}`,
  ]
  if (proof !== undefined) {
    const style = { 'padding-left': 0, 'padding-right': 3, head: [], border: [] }
    const table = new Table({ head: ['through the lab', 'predicted', 'measured', 'difference'], chars: NO_LINES, style })
    for (const { what, predicted, measured } of proof)
      table.push([what, `${Math.round(predicted)} ms`, `${Math.round(measured)} ms`, `${(100 * (measured / predicted - 1)).toFixed(1)} %`])
    lines.push('', table.toString())
  }
  return lines.join('\n')
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
