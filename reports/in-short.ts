import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { verdictTexts } from './finding-words.ts'
import { limitOf } from './measures.ts'
import { besideEachOther } from './model/beside.ts'
import { duration } from './predict/text.ts'
import { asPlanned } from './words.ts'

/** A run in a sentence or two: what failed by how much, or what a setting does. Pure. */

/** A ratio worth a sentence. */
const NOTABLE = 1.5
const TOLD = { waitP95Ms: 'p95 wait', makespanMs: 'All done after' } as const

/** Without a pass the failed checks with values and limits; else what arm and control differ by. */
export function inShort({ arms, verdict }: Pick<RunDocument, 'arms' | 'verdict'>): string[] {
  const bad = arms.filter(arm => (verdict === 'fail' ? arm.verdict === 'fail' : !asPlanned(arm)))
  if (bad.length > 0) return bad.flatMap(arm => verdictTexts(arm).map(text => `${letterOf(arms.indexOf(arm))} ${arm.name}: ${text}.`))
  return besideEachOther(arms).flatMap(row => {
    const [claim, ...controls] = row.map(i => arms[i]!)
    return claim?.role === 'claim' ? controls.flatMap(control => sentence(claim, control)) : []
  })
}

function sentence(claim: ArmDocument, control: ArmDocument): string[] {
  const measure = (['waitP95Ms', 'makespanMs'] as const).find(name => limitOf(control, name) !== undefined)
  if (measure === undefined) return []
  const [good = 0, bad = 0] = [claim.measures[measure], control.measures[measure]]
  if (good === 0 || bad / good < NOTABLE) return []
  const times = (bad / good).toFixed(bad / good < 10 ? 1 : 0)
  return [`${TOLD[measure]}: ${duration(good)} with “${claim.name}”, ${duration(bad)} with “${control.name}”: ${times} times as long.`]
}
