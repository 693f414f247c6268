import { followed, type Hero } from './hero.ts'
import { type Arm, armState, heroState } from './state.ts'
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

/** "0 messages ready, 248 people waiting. Fay has been waiting 20 min." */
export function sentence(arm: Arm, hero: Hero | undefined, nowMs: number): string {
  const { ready, waiting } = armState(arm, nowMs)
  const she = hero === undefined ? undefined : heroState(arm, hero.task, nowMs)
  const told = she === undefined ? '' : `. ${hero?.name} ${she.begun ? 'waited' : 'has been waiting'} ${spoken(she.waitedMs)}.`
  return `${String(ready).padStart(4)} messages ready, ${String(waiting).padStart(4)} people waiting${told}`
}
