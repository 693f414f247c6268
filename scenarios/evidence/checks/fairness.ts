import { idealSchedule, overtakesOf, predictSchedule, summarise, workerPerSecond } from '#predictor'
import { reason } from '../finding.ts'
import { GAP, gapChanged } from '../gap.ts'
import { eventsOf, type History } from '../history.ts'
import { shareOf } from '../measures.ts'
import { inferencesOf } from '../prompts.ts'
import { answersIn, gapMeanMs, measuresOf, modelWorkers, promptsOf, scheduleOf, spanMs } from '../schedule.ts'
import { breach, check } from '../verdict.ts'

/** How GPUs are shared and how long people wait, beside the ideal and the prediction. */

/** An arm's prompts beside their ideal schedule, of the times at which this arm was asked: it
 *  differs a little between arms. undefined if it is unknown. */
function besideIdeal(history: History) {
  const model = modelWorkers(history)
  const prompts = promptsOf(history)
  if (model === undefined || prompts.length === 0) return undefined
  const schedule = scheduleOf(prompts)
  return { ...model, prompts, schedule, ideal: idealSchedule(model.tasksOf(schedule), model.workers) }
}

/** Builds a check of the headline.
 *  @param factor times the ideal p95 @param slackMs allowed beyond that, for the gap at a high time
 *  scale. */
export function waitNearIdeal(factor: number, slackMs: number) {
  return check(
    'wait-near-ideal',
    `The p95 wait until the answer starts is at most ${factor} times that of the ideal schedule plus ${slackMs} ms.`,
    history => {
      const found = besideIdeal(history)
      if (found === undefined) return { judged: 0, of: 'prompts' }
      const waits = found.schedule.map(p => p.startedMs - p.publishedMs)
      const p95Ms = summarise(waits).p95
      const idealP95Ms = summarise(found.ideal.map(p => p.startedMs - p.publishedMs)).p95
      const witnesses = inferencesOf(history, found.prompts[waits.indexOf(Math.max(...waits))]?.task)
      const atMost = factor * idealP95Ms + slackMs
      const values = { factor, idealP95Ms, slackMs }
      const limit = { measure: 'waitP95Ms', value: p95Ms, atMost, witnesses, code: 'wait-over-ideal', values } as const
      return { judged: waits.length, of: 'prompts', limit }
    },
    { timed: true },
  )
}

/** Fairness between users, beyond the ideal schedule's overtakes (unequal GPUs). @param excessMax
 *  overtakes per hundred prompts above the ideal's. */
export function overtakesNearIdeal(excessMax: number) {
  return check(
    'overtakes-near-ideal',
    `Prompts are overtaken at most ${excessMax} times per hundred more than in the ideal schedule.`,
    history => {
      const found = besideIdeal(history)
      if (found === undefined) return { judged: 0, of: 'prompts' }
      const counts = overtakesOf(found.schedule.map(p => p.startedMs))
      const sum = (list: readonly number[]) => list.reduce((total, count) => total + count, 0)
      const value = sum(counts) - sum(overtakesOf(found.ideal.map(p => p.startedMs)))
      const witnesses = inferencesOf(history, found.prompts[counts.indexOf(Math.max(...counts))]?.task)
      const atMost = (excessMax * counts.length) / 100
      const values = { excessMax, prompts: counts.length }
      const limit = { measure: 'excessOvertakes', value, atMost, witnesses, code: 'overtaken-over-ideal', values } as const
      return { judged: counts.length, of: 'prompts', limit }
    },
    { timed: true },
  )
}

/** Judges starts while others wait. @param tolerancePoints percentage points. */
export function shareBySpeed(tolerancePoints: number) {
  return check(
    'share-by-speed',
    `While prompts wait, each worker's share of the starts follows its speed, gap included, within ${tolerancePoints} points and what chance allows for this number of starts.`,
    history => {
      const found = besideIdeal(history)
      if (found === undefined) return { judged: 0, of: 'starts-while-others-waited' }
      const { prompts, workers, serviceMs } = found
      // Somebody else's wait goes on at this start: the workers had a choice of work.
      const steps = [...prompts.map(p => ({ atMs: p.askedMs, by: 1 })), ...prompts.map(p => ({ atMs: p.startedMs, by: -1 }))]
      steps.sort((a, b) => a.atMs - b.atMs || a.by - b.by)
      const waitingAt = new Map<number, number>()
      let waiting = 0
      for (const step of steps) {
        waiting += step.by
        waitingAt.set(step.atMs, waiting)
      }
      const contended = prompts.filter(p => (waitingAt.get(p.startedMs) ?? 0) > 0)
      const gapMs = gapMeanMs(prompts, history)
      const speed = workers.map((worker, i) => workerPerSecond(worker, serviceMs[i] ?? 0, gapMs))
      const total = speed.reduce((sum, s) => sum + s, 0)
      const breaches = workers.flatMap(({ name }, i) => {
        const own = contended.filter(p => p.worker === name)
        const [share, fair] = [(100 * own.length) / contended.length, (100 * speed[i]!) / total]
        // At half load waits are short: 40 model runs were up to 10 points off (70-165 starts).
        const chance = CHANCE_DEVIATIONS * Math.sqrt((fair * (100 - fair)) / contended.length)
        if (Math.abs(share - fair) <= tolerancePoints + chance) return []
        const values = { worker: name, sharePercent: share, fairPercent: fair, starts: contended.length }
        return [breach('unfair-share', values, ...inferencesOf(history, own.at(-1)?.task))]
      })
      const few = contended.length < CONTENDED_MIN
      const judged = { judged: contended.length, of: 'starts-while-others-waited' }
      return few ? { ...judged, unsure: reason('too-few', { least: CONTENDED_MIN }) } : { ...judged, breaches }
    },
    { timed: true },
  )
}

/** A further GPU never makes the tail worse than one GPU alone, of which the model tells.
 *  @param factor times the p95 of that worker alone @param slackMs allowed beyond that */
export function tailNearAlone(alone: string, factor: number, slackMs: number) {
  return check(
    'tail-near-alone',
    `The p95 until the answer ends is at most ${factor} times what it would be with ${alone} alone, plus ${slackMs} ms.`,
    history => {
      const found = besideIdeal(history)
      const index = history.workers.findIndex(({ name }) => name === alone)
      if (found === undefined || index < 0) return { judged: 0, of: 'prompts' }
      const { schedule, workers, prompts } = found
      const tasks = found.tasksOf(schedule).map(task => ({ ...task, serviceMs: [task.serviceMs[index]!] }))
      const aloneMs = answersIn(predictSchedule(tasks, [workers[index]!], { gapMs: gapMeanMs(prompts, history) })).p95
      const took = schedule.map(p => p.endedMs - p.publishedMs)
      const witnesses = inferencesOf(history, prompts[took.indexOf(Math.max(...took))]?.task)
      const values = { alone, aloneMs, factor, slackMs }
      const atMost = factor * aloneMs + slackMs
      const limit = { measure: 'endP95Ms', value: answersIn(schedule).p95, atMost, witnesses, code: 'tail-over-alone', values } as const
      return { judged: took.length, of: 'prompts', limit }
    },
    { timed: true },
  )
}

/** All prompts end about as fast as the GPUs can. @param percent over the ideal makespan. */
export function makespanNearIdeal(percent: number) {
  return check(
    'makespan-near-ideal',
    `From the first start to the last end it takes at most ${percent} % longer than in the ideal schedule.`,
    history => {
      const found = besideIdeal(history)
      if (found === undefined) return { judged: 0, of: 'prompts' }
      const { prompts, schedule, ideal } = found
      const [tookMs, idealMs] = [spanMs(schedule), spanMs(ideal)]
      const last = prompts.toSorted((a, b) => b.endedMs - a.endedMs)[0]
      const witnesses = inferencesOf(history, last?.task)
      const [atMost, values] = [idealMs * (1 + percent / 100), { percent, idealMs }]
      const limit = { measure: 'makespanMs', value: tookMs, atMost, witnesses, code: 'makespan-over-ideal', values } as const
      return { judged: prompts.length, of: 'prompts', limit }
    },
    { timed: true },
  )
}

/** Standard deviations that one run in a hundred exceeds. */
const CHANCE_DEVIATIONS = 2.6
/** A share of fewer starts says nothing. */
const CONTENDED_MIN = 40

/** For arms that call `lab.expect`. */
export const asPredicted = check(
  'as-predicted',
  'Each predicted measure lies in the band that was stated before the run.',
  history => {
    const expected = eventsOf(history, 'expected').filter(({ measure }) => measure !== GAP)
    const measures = measuresOf(history)
    const breaches = expected.flatMap(event => {
      const seen = measures[event.measure]
      if (seen !== undefined && seen >= event.low && seen <= event.high) return []
      const { measure, value: predicted, low, high } = event
      // Whose share it is.
      const worker = history.workers.find(({ name }) => shareOf(name).name === measure)?.name
      const values = { measure, value: seen ?? 'nothing', low, high, predicted, ...(worker === undefined ? {} : { worker }) }
      return [breach('outside-band', values, event)]
    })
    return { judged: expected.length, of: 'predicted-measures', breaches, doubt: gapChanged(history) }
  },
  { timed: true },
)
