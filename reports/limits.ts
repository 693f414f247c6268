import type { ArmDocument } from '#evidence/run-document'

/** Limits of measures, out of the sentences of the checks: a run's document keeps the claim and the verdict. A test holds the sentences to this. Pure. */

export interface Limit {
  /** Of the measure, at most. In its unit. */
  atMost: number
  check: string
  verdict: 'pass' | 'fail' | 'unknown'
}

type Measures = Readonly<Record<string, number>>

const READERS: { check: string; measure: string; claim: RegExp; atMost: (measures: Measures, numbers: number[]) => number }[] = [
  {
    check: 'wait-near-ideal',
    measure: 'waitP95Ms',
    claim: /at most ([\d.]+) x that of the ideal schedule, and ([\d.]+) ms/,
    atMost: ({ idealWaitP95Ms = Number.NaN }, [factor = 0, slackMs = 0]) => factor * idealWaitP95Ms + slackMs,
  },
  {
    check: 'makespan-near-ideal',
    measure: 'makespanMs',
    claim: /at most ([\d.]+) % longer than in the ideal schedule/,
    atMost: ({ idealMakespanMs = Number.NaN }, [percent = 0]) => idealMakespanMs * (1 + percent / 100),
  },
  {
    check: 'overtakes-near-ideal',
    measure: 'excessOvertakes',
    claim: /at most ([\d.]+) times per hundred/,
    atMost: ({ prompts = Number.NaN }, [excess = 0]) => (excess * prompts) / 100,
  },
]

/** The limit of a measure in an arm; undefined where no check of this arm sets one. */
export function limitOf({ checks, measures }: Pick<ArmDocument, 'checks' | 'measures'>, measure: string): Limit | undefined {
  for (const reader of READERS) {
    const check = reader.measure === measure ? checks.find(({ name }) => name === reader.check) : undefined
    const found = check && reader.claim.exec(check.claim)
    if (!found) continue
    const atMost = reader.atMost(measures, found.slice(1).map(Number))
    if (Number.isFinite(atMost)) return { atMost, check: check.name, verdict: check.verdict }
  }
  return undefined
}
