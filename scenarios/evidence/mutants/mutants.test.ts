import { describe, expect, test } from 'vitest'
import { ALL_CHECKS } from '../checks/all.ts'
import { witnessesOf } from '../finding.ts'
import { MUTATIONS } from './mutants.ts'
import { validHistory } from './valid-history.ts'

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1)
const PER_KIND = 20

test('200 valid histories raise no alarm', () => {
  for (const seed of SEEDS) {
    const history = validHistory(seed)
    // Without a poison its judge has nothing; all others must judge, and pass.
    const alarms = ALL_CHECKS.map(check => check.judge(history)).filter(
      finding => finding.verdict !== 'pass' && !(finding.verdict === 'unknown' && finding.name === 'poison-ends'),
    )
    expect(alarms, `seed ${seed}`).toEqual([])
  }
})

describe.each(MUTATIONS)('$name', ({ caughtBy, mutate }) => {
  test(`is caught by ${caughtBy} in ${PER_KIND} histories`, () => {
    const check = ALL_CHECKS.find(c => c.name === caughtBy)
    if (check === undefined) throw new Error(`no check is called ${caughtBy}`)
    let caught = 0
    for (const seed of SEEDS) {
      if (caught === PER_KIND) break
      const history = validHistory(seed)
      // The check must be silent before, or it would prove nothing that it speaks after.
      if (check.judge(history).verdict !== 'pass') continue
      const events = mutate(history, seed)
      if (events === null) continue
      const finding = check.judge({ ...history, events })
      expect(finding.verdict, `seed ${seed}: ${JSON.stringify(finding)}`).toBe('fail')
      expect(witnessesOf(finding).length).toBeGreaterThan(0)
      caught += 1
    }
    expect(caught).toBe(PER_KIND)
  })
})

test('a check with nothing to judge says unknown', () => {
  const empty = { events: [], sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3 }
  for (const check of ALL_CHECKS) expect(check.judge(empty).verdict, check.name).toBe('unknown')
})
