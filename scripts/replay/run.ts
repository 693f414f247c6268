import { setTimeout as pauseUntil } from 'node:timers/promises'
import { v5 as uuidV5 } from 'uuid'
import type { AnswerOutcome, ChatClient } from '#client'
import { answerDirective } from '#contracts/gpu-timing'
import type { Lab } from '#lab'
import type { PromptOutcome } from './judge.ts'
import type { ReplayPlan } from './plan.ts'

/** Prompts come from many people, one conversation each; more connections would measure connections. */
const ASKERS_MAX = 200
/** After the last prompt was sent: far beyond any backlog that the plan can build. Milliseconds. */
const ANSWERS_WITHIN_MS = 120_000
const PROGRESS_EVERY_MS = 1_000
/** Before the clock starts: fresh processes answer their first questions at a tenth of their speed, which at a high time scale would be all that is measured. */
const WARM_UP_ROUNDS = 10
const WARM_UP_ASKERS = 4
const NAMESPACE = '5b0c2d0e-7a43-5d0f-9a51-3c1d2e4f6a7b'

/** The clock that the simulated GPUs log by. Milliseconds. */
const hostNowMs = () => Number(process.hrtime.bigint()) / 1e6
const toMs = (ns: string) => Number(BigInt(ns)) / 1e6

interface Sent {
  sentMs: number
  task: string | undefined
  outcome: AnswerOutcome | undefined
}

/** Sends every prompt at its time, whatever became of those before (open loop), through all IM nodes in turn, and collects what became of each. */
export async function runReplay(
  lab: Lab,
  plan: ReplayPlan,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (line: string) => void },
): Promise<PromptOutcome[]> {
  /** Answers shown to their asker, by task. */
  const shown = new Map<string, number>()
  const { imNodes } = lab.plan
  const askers = await Promise.all(
    Array.from({ length: Math.min(ASKERS_MAX, plan.prompts.length) }, (_, i) => {
      const nodes = [...imNodes.slice(i % imNodes.length), ...imNodes.slice(0, i % imNodes.length)]
      const message = ({ task, answered }: { task?: string | undefined; answered?: boolean | undefined }) => {
        if (task !== undefined && answered === true) shown.set(task, (shown.get(task) ?? 0) + 1)
      }
      return lab.client(`asker-${i}`, { nodes, signal, on: { message } })
    }),
  )
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1)
    await Promise.all(askers.slice(0, WARM_UP_ASKERS).map(asker => asker.ask(`warm-up ${answerDirective(1)}`)))
  const startMs = hostNowMs()
  const sends: Promise<Sent>[] = []
  let answered = 0
  const progress = setInterval(() => {
    const seconds = Math.round((hostNowMs() - startMs) / 1_000)
    onProgress(`${seconds} s: sent ${sends.length}, answered ${answered}, open ${sends.length - answered}`)
  }, PROGRESS_EVERY_MS)
  try {
    for (const [index, prompt] of plan.prompts.entries()) {
      await pauseUntil(Math.max(0, startMs + prompt.sendAtMs - hostNowMs()), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) break
      const asker = askers[index % askers.length]
      if (asker === undefined) break
      sends.push(
        ask(asker, prompt.text, uuidV5(`${plan.work.seed}:${index}`, NAMESPACE)).finally(() => {
          answered += 1
        }),
      )
    }
    const sent = await Promise.all(sends)
    return outcomes(sent, shown, await runsByTask(lab))
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
      const [startedMs, known] = [toMs(startedAtNs), runs.get(task)]
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
