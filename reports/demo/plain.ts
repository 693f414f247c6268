import type { Pace, RealStep } from '../../scenarios/experiment/hour/real.ts'
import { type Arm, armState, heroState } from '../../scenarios/experiment/hour/state.ts'
import { followed, type Hero } from '../model/followed.ts'
import { clock, spoken } from './text.ts'

/** The hour without a terminal, in lines. Pure. */

const STEPS = 6

/** A line per ten minutes and arm. */
export function plainLines(arms: readonly [Arm, Arm], hourMs: number): string[] {
  const width = Math.max(...arms.map(arm => arm.title.length))
  return Array.from({ length: STEPS }, (_, i) => {
    const nowMs = ((i + 1) * hourMs) / STEPS
    const hero = followed(arms[0], hourMs, nowMs).at(-1)
    return arms.map((arm, a) => {
      const lead = a === 0 ? clock(nowMs).padStart(8) : ' '.repeat(8)
      return `${lead}  ${arm.title.padEnd(width)}  ${sentence(arm, hero, nowMs)}`
    })
  }).flat()
}

/** "measured on simulated GPUs (time scale 60, seed 1)". */
export function measuredLabel(seed: number, pace?: Pace): string {
  return `measured on simulated GPUs (${pace === undefined ? '' : `time scale ${Number(pace.timeScale.toFixed(2))}, `}seed ${seed})`
}

export function statusText(doing: 'starting' | 'clearing', title: string): string {
  return doing === 'starting' ? `a lab for ${title} starts` : `the lab of ${title} is cleared away`
}

export function longerText({ seconds, gapMs }: Pace): string {
  return `${gapMs.toFixed(1)} ms between two answers here: the hour takes ${seconds} s; again`
}

/** What happens while it is measured, in lines: one at each tenth of the hour. */
export function progressOf(hourMs: number, say: (line: string) => void): (step: RealStep) => void {
  let tenths = 0
  return step => {
    if (step.doing === 'starting') tenths = 0
    if (step.doing === 'starting' || step.doing === 'clearing') say(`${statusText(step.doing, step.title)} …`)
    else if (step.doing === 'paced' && step.again) say(longerText(step.pace))
    else if (step.doing === 'measuring' && step.nowMs >= ((tenths + 1) * hourMs) / 10) {
      tenths = Math.floor((10 * step.nowMs) / hourMs)
      say(`${clock(step.nowMs).padStart(8)}  ${step.measured.title}  ${sentence(step.measured, undefined, step.nowMs)}`)
    }
  }
}

/** "0 messages ready, 248 people waiting. Fay has been waiting 20 min." */
export function sentence(arm: Arm, hero: Hero | undefined, nowMs: number): string {
  const { ready, waiting } = armState(arm, nowMs)
  const she = hero === undefined ? undefined : heroState(arm, hero.task, nowMs)
  const told = she === undefined ? '' : `. ${hero?.name} ${she.begun ? 'waited' : 'has been waiting'} ${spoken(she.waitedMs)}.`
  return `${String(ready).padStart(4)} messages ready, ${String(waiting).padStart(4)} people waiting${told}`
}
