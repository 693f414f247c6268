import { eachAtItsTime, hostAddress, hostNowMs, type Lab, LabError, ModelTap, type RuntimeName, startLab } from '#lab'
import { NoiseMeter, noiseOf } from '../replay/noise.ts'
import { type Answer, type Compared, compared, type Predicted, predictions, type Work } from './agreement.ts'
import { ANSWER_TOKENS, question } from './measure.ts'
import { median, type ServedModel } from './profile.ts'
import { lookBeside, type Quiet } from './quiet.ts'
import { type WorkAsked, workOf } from './work.ts'

/** The final proof: prompts through the whole lab to the real server, and its prediction. */

export interface ProofOptions extends WorkAsked {
  server: ServedModel
  runtime: RuntimeName
  signal: AbortSignal
  /** What the profile was measured with: where that had trouble no run proves anything. */
  quiet: Quiet
  /** Told what is predicted, before it is measured. */
  onPredicted: (predicted: readonly Predicted[]) => void
}

export interface Proof {
  verdict: 'agrees' | 'differs' | 'unknown'
  /** Why nobody can tell. */
  trouble?: string
  /** Attempts; the last one counts. */
  runs: number
  figures: Compared[]
  /** What the server itself reported of the run, beside the profile. */
  server: { answerTokens: number; decodeTokensPerSecond: number; prefillMs: number }
  /** Between two inferences, measured before the run. */
  gapMs: number
  /** Slowdown beside the lab, measured before the run: 1 = none. */
  beside: number
  spread: number
  foreignCpuPercent: { mean: number; worst: number }
}

/** Far beyond any backlog that the plan can build. Milliseconds. */
const ANSWERS_WITHIN_MS = 600_000
const ASKERS = 8
const LOOK_EVERY_MS = 1_000
const RUNS_MAX = 3
/** Warm-up prompts: the first warm caches, the others show the gap and the lab's cost. */
const WARM_UP = 16
const COLD = 4

type Client = Awaited<ReturnType<Lab['client']>>

export async function prove(options: ProofOptions): Promise<Proof> {
  const { server, quiet, runtime, signal, onPredicted } = options
  await using tap = await ModelTap.open(server, await hostAddress(runtime))
  await using lab = await startLab(planOf(options, tap.url), { runtime, signal })
  const askers = await Promise.all(Array.from({ length: ASKERS }, (_, i) => lab.client(`asker-${i}`)))
  await Promise.all(Array.from({ length: WARM_UP }, (_, i) => answered(askers[i % ASKERS]!, question())))
  const warm = tap
    .take()
    .toSorted((a, b) => a.receivedAtMs - b.receivedAtMs)
    .slice(COLD)
  const work = workOf(options, warm)
  const predicted = predictions(work)
  onPredicted(predicted)
  // A run that others disturbed is made again, whatever came of it.
  for (let run = 1; ; run += 1) {
    await quiet.settled(signal, lookBeside(tap.load, lab))
    const { answers, reported, foreignCpuPercent, why } = await runOnce({ lab, tap, askers, work, signal })
    if (why !== undefined && run < RUNS_MAX) continue
    const figures = compared(work, predicted, answers)
    const agrees = figures.every(one => one.agrees)
    // A busy machine excuses a miss; a profile measured on one may fit by chance.
    const doubt = quiet.trouble ?? (agrees ? undefined : why)
    return {
      verdict: doubt !== undefined ? 'unknown' : agrees ? 'agrees' : 'differs',
      ...(doubt === undefined ? {} : { trouble: doubt }),
      runs: run,
      figures,
      server: {
        answerTokens: reported.reduce((sum, one) => sum + one.answerTokens, 0) / reported.length,
        decodeTokensPerSecond: median(reported.map(one => (1_000 * one.answerTokens) / (one.decodeMs || one.tookMs))),
        prefillMs: median(reported.map(one => one.prefillMs)),
      },
      gapMs: work.gapMs,
      beside: work.beside,
      spread: work.spread,
      foreignCpuPercent,
    }
  }
}

interface RunParts {
  lab: Lab
  tap: ModelTap
  askers: readonly Client[]
  work: Work
  signal: AbortSignal
}

/** @returns each prompt as we and the server saw it, others' CPU, and why times prove nothing */
async function runOnce({ lab, tap, askers, work, signal }: RunParts) {
  const noise = new NoiseMeter(lab, tap.load)
  await noise.look()
  const startMs = hostNowMs()
  const sent: Promise<{ task: string; seenAtMs: number }>[] = []
  // The next look tries again.
  const looking = setInterval(() => void noise.look().catch(() => undefined), LOOK_EVERY_MS)
  let seen: { task: string; seenAtMs: number }[]
  try {
    await eachAtItsTime(
      work.dueMs.map(ms => startMs + ms),
      signal,
      index => sent.push(answered(askers[index % ASKERS]!, question())),
    )
    seen = await Promise.all(sent)
  } finally {
    clearInterval(looking)
  }
  signal.throwIfAborted()
  const byTask = new Map(tap.take().map(answer => [answer.task, answer]))
  const reported = seen.map(({ task }) => byTask.get(task)!)
  const answers = seen.map(({ seenAtMs }, i): Answer => {
    const startedMs = reported[i]!.receivedAtMs - startMs
    return { dueMs: work.dueMs[i]!, startedMs, endedMs: startedMs + reported[i]!.tookMs, seenMs: seenAtMs - startMs }
  })
  const { why, ...foreignCpuPercent } = noiseOf(noise.foreignCpuPercent)
  // If the server's own share is unknown, so is that of other processes.
  return { answers, reported, foreignCpuPercent, why: tap.load.known ? why : undefined }
}

/** One worker before the server, its prefetch as many as the server runs at once. */
function planOf({ profile, server, seed, prompts }: ProofOptions, url: string) {
  return {
    gpus: [{ name: 'gpu-fast', profile: '', url }],
    workers: [{ name: 'worker-fast', gpu: 'gpu-fast' }],
    settings: {
      seed,
      model: server.name,
      think: server.think === false ? ('false' as const) : ('unset' as const),
      answerTokensMax: ANSWER_TOKENS,
      workerPrefetchTasks: profile.slots,
      workerSlots: profile.slots,
      userTasksMax: Math.max(prompts, WARM_UP),
    },
  }
}

async function answered(asker: Client, text: string): Promise<{ task: string; seenAtMs: number }> {
  const outcome = await asker.ask(text, { answerWithinMs: ANSWERS_WITHIN_MS })
  if (outcome.state !== 'answered')
    throw new LabError(
      'NO_MODEL_SERVER',
      `expected an answer to every prompt, got one that ended as ${outcome.state}. The profile is written.\nSee the model server's own log`,
    )
  return { task: outcome.task, seenAtMs: hostNowMs() }
}
