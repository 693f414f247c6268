import { describe, expect, test } from 'vitest'
import { Quiet } from './quiet.ts'

const never = new AbortController().signal

/** Measurement i is i, beside this CPU use. No patience by default. */
async function measured(percents: readonly number[], wanted: number, patienceSeconds = 0) {
  let [looks, made] = [0, 0]
  const quiet = new Quiet(
    async () => {
      const percent = percents[looks++] ?? 0
      return async () => percent
    },
    { patienceSeconds, lookMs: 0 },
  )
  return { kept: await quiet.times(wanted, never, async () => made++), made, trouble: quiet.trouble, looks }
}

describe('on a machine with others', () => {
  test('a quiet measurement counts, once', async () => {
    expect(await measured([0, 5, 12], 3)).toMatchObject({ kept: [0, 1, 2], made: 3, trouble: undefined })
  })

  test('a loud one is measured again', async () => {
    expect(await measured([50, 5, 60, 4], 2)).toMatchObject({ kept: [1, 3], made: 4, trouble: undefined })
  })

  test('they are waited for, then it is measured again', async () => {
    expect(await measured([50, 70, 60, 3, 5], 1, 10)).toMatchObject({ kept: [1], made: 2, looks: 5, trouble: undefined })
  })

  test('and not for ever', async () => {
    expect(await measured([50, 70, 60, 80, 5], 1, 2)).toMatchObject({ kept: [2], made: 3, looks: 5 })
  })

  test('on a machine that stays busy the quietest counts, and is reported', async () => {
    const { kept, made, trouble } = await measured([90, 80, 30, 95, 20, 85], 2)
    expect([kept, made]).toEqual([[2, 4], 6])
    expect(trouble).toMatch(/up to 30 % of this machine in 2 of 2/)
  })
})

test('with a remote server everything counts', async () => {
  const quiet = await Quiet.beside('http://192.0.2.1:11434')
  let made = 0
  expect(await quiet.times(3, never, async () => made++)).toEqual([0, 1, 2])
  expect(quiet.trouble).toBeUndefined()
})
