import { Command, Option } from 'commander'
import { type GpuProfile, gpuProfile, UnknownGpuProfile } from '#contracts/gpu-profiles'
import { GpuFailure, GpuFaults } from '#contracts/http'
import { resolveSettings, SETTINGS } from '#contracts/settings'
import { LabError } from '../../scenarios/lab/errors.ts'
import { profileText } from '../setup/profile-file.ts'
import { numberArgument as number } from '../setup/program.ts'

/** The command line of `npm run gpu`. */

export interface GpuAsked {
  /** With the slots that were asked for. */
  profile: GpuProfile
  port: number
  controlPort: number
  host: string
  model: string
  timeScale: number
  coldLoad: boolean
  server: '0.32' | '0.17' | '0.8'
  seed: number
  faults: GpuFaults
  json: boolean
}

type Given = Omit<GpuAsked, 'coldLoad' | 'json' | 'faults'> & Partial<GpuAsked> & { fault: Switch[]; slots?: number }
type Switch = [name: string, value: unknown]

const EXAMPLES = `
Examples:
  npm run gpu -- --profile rtx-4090 --port 11434
  npm run gpu -- --profile rx-7650-gre --fault busy --fault times=3
  npm run gpu -- --profile reports/gpus/mine.json --slots 4 --time-scale 10
Profiles: npm run gpus. Switches: services/gpu-sim/README.md`

const PORT_MAX = 65_535

/** The command line; `run` gets what was asked for. */
export function gpuProgram(run: (asked: GpuAsked) => Promise<void>): Command {
  const { model } = resolveSettings({})
  return new Command('npm run gpu --')
    .exitOverride()
    .description("Starts a simulated GPU without a lab: Ollama's and OpenAI's API, with a card's speed. Ctrl-C ends it.")
    .addOption(
      new Option('--profile <NAME>', 'a card of npm run gpus, or a file of npm run calibrate')
        .argParser(profile)
        .default(gpuProfile('rtx-4090'), 'rtx-4090'),
    )
    .option('--port <N>', 'port of both APIs; 0 = any free one', number(0, PORT_MAX, true), 11_434)
    .option('--control-port <N>', 'port of faults, log and metrics; 0 = any free one', number(0, PORT_MAX, true), 0)
    .option('--host <ADDRESS>', 'address to listen on', '127.0.0.1')
    .option('--model <NAME>', 'the model that is loaded first', model)
    .option('--slots <N>', 'answers at a time; default: as the profile says', number(1, 1_000, true))
    .option('--time-scale <N>', 'divides all times', number(0.01, 10_000, false), 1)
    .option('--cold-load', 'the first answer waits until its model is loaded')
    .addOption(new Option('--server <VERSION>', 'generation of Ollama').choices(['0.32', '0.17', '0.8']).default('0.32'))
    .option('--seed <N>', 'seed of lengths and texts', number(0, 2_147_483_647, true), 1)
    .addOption(new Option('--fault <NAME[=VALUE]>', 'a failure, or a switch; several are allowed').argParser(fault).default([], 'none'))
    .option('--json', 'print the addresses as one JSON document')
    .addHelpText('after', EXAMPLES)
    .action(({ coldLoad = false, json = false, ...given }: Given, command: Command) => {
      const model = SETTINGS.model.schema.safeParse(given.model)
      if (!model.success) command.error(`--model: ${model.error.issues[0]?.message ?? 'not valid'}`)
      const faults = GpuFaults.safeParse(Object.fromEntries(given.fault))
      const profile = { ...given.profile, slots: given.slots ?? given.profile.slots }
      if (faults.success) return run({ ...given, profile, coldLoad, json, faults: faults.data })
      const [issue] = faults.error.issues
      command.error(
        `--fault: ${[...(issue?.path ?? []), issue?.message ?? 'not valid'].join(': ')}\nFailures: ${GpuFailure.options.join(', ')}\nSwitches: ${Object.keys(GpuFaults.shape).join(', ')}`,
      )
    })
}

/** `busy`, `times=3`, `down`. */
function fault(text: string, before: Switch[]): Switch[] {
  const [name, ...rest] = text.split('=')
  const value = rest.join('=')
  if (rest.length === 0 && GpuFailure.safeParse(text).success) return [...before, ['failure', text]]
  return [...before, [name ?? '', rest.length === 0 ? true : fromText(value)]]
}

/** Numbers, booleans and lists; anything else is text. */
function fromText(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

function profile(given: string): GpuProfile {
  try {
    return gpuProfile(profileText(given))
  } catch (error) {
    if (error instanceof UnknownGpuProfile) throw new LabError(error.code, error.message, { cause: error })
    throw error
  }
}
