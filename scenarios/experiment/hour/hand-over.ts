import type { ChatClient } from '#client'
import { answerDirective } from '#contracts/gpu-timing'
import { hostMs, type Lab } from '#lab'
import { capacityPerSecond, summarise } from '#predictor'
import type { Hour } from './hour.ts'
import type { Arm } from './state.ts'

/** What one answer costs a machine beside its GPU. It passes in real time whatever the time scale, so at a high one it is all that is measured. */

/** Questions of one token, asked at once: while they are stored the machine is about as busy as in the hour. */
const QUESTIONS = 200
/** Offered work may come so near to what GPUs and hand-over can do together; much nearer, and a queue grows whatever the prefetch, with any other work
 *  on the machine beyond all bounds. */
const LOAD_MAX = 0.88
/** An hour that takes longer than this is no demonstration any more. Seconds. */
const SECONDS_MAX = 180
const SECONDS_STEP = 15

/** Mean time from the end of an answer to the start of the next on the same GPU, while both GPUs have more to do. Milliseconds. */
export async function measureHandOver(lab: Lab, askers: readonly ChatClient[]): Promise<number> {
  const seen = await Promise.all(lab.plan.gpus.map(async ({ name }) => (await lab.inferences(name)).at(-1)?.index ?? -1))
  await Promise.all(
    Array.from({ length: QUESTIONS }, (_, i) => askers[i % askers.length]?.ask(`how long does it take? ${answerDirective(1)}`)),
  )
  const logs = await Promise.all(lab.plan.gpus.map(({ name }, g) => lab.inferences(name, seen[g])))
  return summarise(
    logs.flatMap(log =>
      log.slice(1).flatMap(({ startedAtNs }, i) => {
        const endedAtNs = log[i]?.endedAtNs
        return startedAtNs === undefined || endedAtNs === undefined ? [] : [hostMs(startedAtNs) - hostMs(endedAtNs)]
      }),
    ),
  ).mean
}

/** The same within a measured hour: between neighbours on a GPU, where the second was asked before the first had ended. @param one the arm with prefetch 1;
 *  with a larger one a GPU also rests because another worker holds what is asked. Milliseconds of the hour. */
export function handOverWithin(one: Arm): number {
  return summarise(
    one.gpus.flatMap((_, g) => {
      const runs = one.tasks.filter(task => task.gpu === g).sort((a, b) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0))
      return runs.slice(1).flatMap(({ arrivedAtMs, startedAtMs }, i) => {
        const { endedAtMs } = runs[i] ?? {}
        return startedAtMs === undefined || endedAtMs === undefined || arrivedAtMs > endedAtMs ? [] : [startedAtMs - endedAtMs]
      })
    }),
  ).mean
}

/** How long the hour should take on a machine with this hand-over: as long as wanted, or longer, so that prefetch 1 keeps up. Pure.
 *  @param handOverMs of the machine. @param seconds wanted
 *  @param secondsMax default: as long as anybody watches */
export function fittingSeconds(
  { hourMs, tasks }: Pick<Hour, 'hourMs' | 'tasks'>,
  handOverMs: number,
  seconds: number,
  secondsMax = SECONDS_MAX,
): number {
  const fits = (tried: number) => {
    const addedMs = (handOverMs * hourMs) / (1_000 * tried)
    const eachMs = tasks.map(task => task.serviceMs.map(ms => ms + addedMs))
    const perMs = capacityPerSecond(eachMs, eachMs[0]?.length ?? 0) / 1_000
    return tasks.length / hourMs <= LOAD_MAX * perMs
  }
  let tried = seconds
  while (tried < secondsMax && !fits(tried)) tried = Math.min(secondsMax, tried + SECONDS_STEP)
  return tried
}

/** How long to let the hour take after one that was too fast: twice as long at least, longer where the hand-over asks for it, up to eight times.
 *  @param secondsMax more than that cannot be asked for */
export function slowerSeconds(hour: Pick<Hour, 'hourMs' | 'tasks'>, handOverMs: number, seconds: number, secondsMax: number): number {
  return Math.min(secondsMax, Math.ceil(fittingSeconds(hour, handOverMs, 2 * seconds, 8 * seconds)))
}
