/** One row of `lab:doctor`. */
export interface Fact {
  check: string
  found: string
  needed: string
  /** false: what this row is about does not run here. */
  ok: boolean
  /** It runs, but not well. */
  warning: boolean
  /** What to type or do; empty when nothing is to be done. */
  fix: string
}

/** @param state `warning`: something that is recommended is missing, nothing that is needed */
export function row(check: string, found: string | undefined, needed: string, state: boolean | 'warning', fix: string): Fact {
  const warning = state === 'warning'
  return { check, found: found ?? 'none', needed, ok: state !== false, warning, fix: state === true ? '' : fix }
}
