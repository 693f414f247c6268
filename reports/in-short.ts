import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { limitOf } from './measures.ts'
import { besideEachOther } from './model/beside.ts'
import { duration } from './predict/text.ts'

/** What a setting does to people, in a sentence for each pair of arms. Pure. */

/** A ratio worth a sentence. */
const NOTABLE = 1.5
const TOLD = { waitP95Ms: 'p95 wait', makespanMs: 'All done after' } as const

/** The figure that a claim's arm and its control differ by; only where a check limits it. */
export function inShort({ arms }: Pick<RunDocument, 'arms'>): string[] {
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
