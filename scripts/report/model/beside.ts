import type { ArmDocument } from '#checks/run-document'

/** Which arms stand beside each other: a control beside the claim's arm that it differs least from. Pure.
 *  @returns rows of indices into `arms`. */
export function besideEachOther(arms: readonly Pick<ArmDocument, 'role' | 'parameters'>[]): number[][] {
  const claims = indices(arms, 'claim')
  const controls = indices(arms, 'control')
  const alike = (a: number, b: number) =>
    Object.entries(arms[a]!.parameters).filter(([name, value]) => JSON.stringify(arms[b]!.parameters[name]) === JSON.stringify(value))
      .length
  const rows = claims.map(claim => [claim])
  for (const control of controls) {
    const scores = claims.map(claim => alike(claim, control))
    const best = Math.max(...scores)
    // Where several are equally near, no pairing says anything: all of them in their order.
    if (scores.filter(score => score === best).length !== 1) return claims.length === 1 ? [[...claims, ...controls]] : inPairs(arms.length)
    rows[scores.indexOf(best)]!.push(control)
  }
  return rows
}

function indices(arms: readonly Pick<ArmDocument, 'role'>[], role: ArmDocument['role']): number[] {
  return arms.flatMap((arm, i) => (arm.role === role ? [i] : []))
}

function inPairs(count: number): number[][] {
  return Array.from({ length: Math.ceil(count / 2) }, (_, row) => [2 * row, 2 * row + 1].filter(i => i < count))
}
