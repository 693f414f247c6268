import { v5 as uuidV5 } from 'uuid'
import type { AnswerOutcome, ChatClient } from '#client'
import { eachAtItsTime, hostMs, hostNowMs, type Lab } from '#lab'
import { connectAskers } from './asking.ts'
import { measureHandOver } from './hand-over.ts'
import type { PromptOutcome } from './judge.ts'
import { NoiseMeter } from './noise.ts'
import type { ReplayPlan } from './plan.ts'
import type { Conditions } from './wait.ts'

/** Prompts come from many people, one conversation each; more connections would measure connections. */
const ASKERS_MAX = 200
/** After the last prompt was sent: far beyond any backlog that the plan can build. Milliseconds. */
const ANSWERS_WITHIN_MS = 120_000
const PROGRESS_EVERY_MS = 1_000
const NAMESPACE = '5b0c2d0e-7a43-5d0f-9a51-3c1d2e4f6a7b'

interface Sent {
  sentMs: number
  task: string | undefined
  outcome: AnswerOutcome | undefined
}

/** Sends every prompt at its time, whatever became of those before (open loop), through all IM nodes in turn, and collects what became of each, and under
 *  what conditions. */
export async function runReplay(
  lab: Lab,
  plan: ReplayPlan,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (line: string) => void },
): Promise<{ outcomes: PromptOutcome[]; conditions: Conditions }> {
  /** Answers shown to their asker, by task. */
  const shown = new Map<string, number>()
  const message = ({ task, answered }: { task?: string | undefined; answered?: boolean | undefined }) => {
    if (task !== undefined && answered === true) shown.set(task, (shown.get(task) ?? 0) + 1)
  }
  const askers = await connectAskers(lab, Math.min(ASKERS_MAX, plan.prompts.length), { signal, on: { message } })
  const noise = new NoiseMeter(lab)
  await noise.look()
  const handOverMs = await measureHandOver(lab, askers, plan.work.timeScale)
  await noise.look()
  const startMs = hostNowMs()
  const sends: Promise<Sent>[] = []
  let answered = 0
  const progress = setInterval(() => {
    void noise.look().catch(() => undefined) // A runtime that cannot tell now is asked again in a second.
    const seconds = Math.round((hostNowMs() - startMs) / 1_000)
    onProgress(`${seconds} s: sent ${sends.length}, answered ${answered}, open ${sends.length - answered}`)
  }, PROGRESS_EVERY_MS)
  try {
    const sendAtMs = plan.prompts.map(prompt => startMs + prompt.sendAtMs)
    await eachAtItsTime(sendAtMs, signal, index => {
      const [asker, prompt] = [askers[index % askers.length], plan.prompts[index]]
      if (asker === undefined || prompt === undefined) return
      sends.push(
        ask(asker, prompt.text, uuidV5(`${plan.work.seed}:${index}`, NAMESPACE)).finally(() => {
          answered += 1
        }),
      )
    })
    const sent = await Promise.all(sends)
    const { foreignCpuPercent } = noise
    return { outcomes: outcomes(sent, shown, await runsByTask(lab)), conditions: { handOverMs, foreignCpuPercent } }
  } finally {
    clearInterval(progress)
  }
}

async function ask(asker: ChatClient, text: string, clientMessageId: string): Promise<Sent> {
  const sentMs = hostNowMs()
  const stored = await asker.send(asker.robot, text, { clientMessageId })
  if (stored.state !== 'stored' || stored.task === undefined) return { sentMs, task: undefined, outcome: undefined }
  return { sentMs, task: stored.task, outcome: await asker.answer(stored.task, ANSWERS_WITHIN_MS) }
}

/** Which GPU ran a task (the last one, if several did), and when an inference of it first began. */
async function runsByTask(lab: Lab): Promise<Map<string, { gpu: string; startedMs: number }>> {
  const runs = new Map<string, { gpu: string; startedMs: number }>()
  for (const { name } of lab.plan.gpus) {
    for (const { task, startedAtNs } of await lab.inferences(name)) {
      if (startedAtNs === undefined) continue
      const [startedMs, known] = [hostMs(startedAtNs), runs.get(task)]
      const last = known === undefined || startedMs > known.startedMs
      runs.set(task, { gpu: last ? name : known.gpu, startedMs: Math.min(startedMs, known?.startedMs ?? startedMs) })
    }
  }
  return runs
}

function outcomes(sent: Sent[], shown: Map<string, number>, runs: Map<string, { gpu: string; startedMs: number }>): PromptOutcome[] {
  return sent.map(({ sentMs, task, outcome }, index) => {
    const run = task === undefined ? undefined : runs.get(task)
    return {
      task: task ?? `unsent-${index}`,
      publishedMs: sentMs,
      answers: task === undefined ? 0 : (shown.get(task) ?? 0),
      errors: outcome?.state === 'apology' || outcome?.state === 'refused' ? 1 : 0,
      gpu: run?.gpu,
      startedMs: run?.startedMs,
    }
  })
}
