import type { ArmDocument } from '#evidence/run-document'

type Arm = Pick<ArmDocument, 'role' | 'changed' | 'set' | 'partSettings' | 'parameters'>

const isOwnClaim = ({ role, changed }: Arm) => role === 'claim' && changed === undefined

/** Rows of indices into `arms`: a control or changed arm by the claim's arm most like it. Pure. */
export function besideEachOther(arms: readonly Arm[]): number[][] {
  const rows = arms.flatMap((arm, i) => (isOwnClaim(arm) ? [[i]] : []))
  for (const [i, arm] of arms.entries()) {
    if (isOwnClaim(arm)) continue
    // Where several are equally near, the one that has fewest beside it.
    const [nearest] = rows.toSorted((a, b) => differences(arm, arms[a[0]!]!) - differences(arm, arms[b[0]!]!) || a.length - b.length)
    if (nearest === undefined) rows.push([i])
    else nearest.push(i)
  }
  return rows
}

function differences(a: Arm, b: Arm): number {
  return (['set', 'partSettings', 'parameters'] as const).reduce((sum, of) => {
    const names = new Set([...Object.keys(a[of]), ...Object.keys(b[of])])
    return sum + [...names].filter(name => JSON.stringify(a[of][name]) !== JSON.stringify(b[of][name])).length
  }, 0)
}
