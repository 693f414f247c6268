import { type EventOf, eventsOf, type History } from '../history.ts'
import { breach, check } from '../verdict.ts'

/** A model server that fails everything: its cost to prompts, and its return. */

/** When the script made a GPU sick, and when it healed it. */
interface Sickness {
  gpu: string
  fromMs: number
  /** Infinity where it lasted to the end. */
  toMs: number
  /** It ended in health, and not in another fault. */
  healed: boolean
}

function sicknesses(history: History): Sickness[] {
  const found: Sickness[] = []
  for (const { part, switches, atMs } of eventsOf(history, 'fault')) {
    if (switches === undefined) continue
    const open = found.find(one => one.gpu === part && one.toMs === Number.POSITIVE_INFINITY)
    const healed = Object.keys(switches).length === 0
    if (open !== undefined) Object.assign(open, { toMs: atMs, healed })
    if (!healed) found.push({ gpu: part, fromMs: atMs, toMs: Number.POSITIVE_INFINITY, healed })
  }
  return found
}

const triedOn = (history: History, { gpu, fromMs, toMs }: Sickness): EventOf<'inference'>[] =>
  eventsOf(history, 'inference').filter(run => run.task !== '' && run.gpu === gpu && run.atMs >= fromMs && run.atMs < toMs)

/** Builds a check that a sick GPU does not swallow the prompts.
 *  @param mostPercent of the prompts begun meanwhile that may meet it. */
export function sickIsLeftAlone(mostPercent: number) {
  return check(
    'sick-is-left-alone',
    `While a GPU is sick, at most ${mostPercent} % of the prompts are tried on it.`,
    history => {
      const prompts = eventsOf(history, 'inference').filter(run => run.task !== '')
      const judged = sicknesses(history).flatMap(sickness => {
        const runs = triedOn(history, sickness)
        const begun = new Set(prompts.filter(run => run.atMs >= sickness.fromMs && run.atMs < sickness.toMs).map(run => run.task)).size
        return runs.length === 0 ? [] : [{ gpu: sickness.gpu, runs, tasks: new Set(runs.map(run => run.task)).size, begun }]
      })
      const breaches = judged
        .filter(({ tasks, begun }) => tasks > (mostPercent / 100) * begun)
        .map(({ gpu, runs, tasks, begun }) => breach('sick-tried', { gpu, tasks, begun, limitPercent: mostPercent }, ...runs))
      return { judged: judged.length, of: 'sick-GPUs-that-were-asked', breaches }
    },
    { needsRest: true },
  )
}

/** Prompts do not pay for a server's failures. @param most attempts that may count */
export function chargedAtMost(most: number) {
  return check(
    'charged-at-most',
    `A prompt that meets a sick GPU is charged at most ${most} attempts, the one that answers it included.`,
    history => {
      const met = new Set(sicknesses(history).flatMap(sickness => triedOn(history, sickness).map(run => run.task)))
      const rows = eventsOf(history, 'task-row').filter(row => met.has(row.task))
      const breaches = rows
        .filter(row => row.attempts - (row.refunded ?? 0) > most)
        .map(row => breach('charged-often', { task: row.task, attempts: row.attempts - (row.refunded ?? 0), allowed: most }, row))
      return { judged: rows.length, of: 'prompts-that-met-a-sick-GPU', breaches }
    },
    { needsRest: true },
  )
}

export const comesBack = check(
  'comes-back',
  'A GPU that has healed answers prompts again.',
  history => {
    const healed = sicknesses(history).filter(({ healed }) => healed)
    const breaches = healed
      .filter(
        ({ gpu, toMs }) =>
          !eventsOf(history, 'inference').some(run => run.gpu === gpu && run.task !== '' && run.atMs >= toMs && run.outcome === 'done'),
      )
      .map(({ gpu, toMs }) =>
        breach('not-back', { gpu }, ...eventsOf(history, 'fault').filter(event => event.part === gpu && event.atMs === toMs)),
      )
    return { judged: healed.length, of: 'healed-GPUs', breaches }
  },
  { needsRest: true },
)
