import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { countTokens } from '#contracts/gpu-timing'
import { workOf } from '../../scenarios/experiment/replay/lab-work.ts'
import { type AskedLab, labOf, labPlanOf } from './lab-plan.ts'
import { botPrompts } from './prompts.ts'

const LAB: AskedLab = { seed: 1, timeScale: 50, design: 'sound', gpus: 'rtx-4090,rtx-3060', gpu: [], set: [] }
const workAt = (more: Partial<AskedLab> = {}) => workOf(labOf({ ...LAB, ...more }, { answerTokensMax: 1_000_000 }))
const SIZES = { promptTokens: 800, answerTokens: 300, varied: true }

async function traced(rows: number, more: object, forMs = 10_000) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'load-prompts-'))
  const trace = join(folder.path, 'own.csv')
  const lines = Array.from(
    { length: rows },
    (_, i) => `${i * (i % 3 === 0 ? 2 : 1)},${i % 10 === 3 ? 5_000 : 400},${i % 7 === 0 ? 900 : 100}`,
  )
  const times = lines.map(line => Number(line.split(',')[0])).toSorted((a, b) => a - b)
  const text = lines.map((line, i) => `${times[i]},${line.split(',').slice(1).join(',')}`)
  await writeFile(trace, `at,in,out\n${text.join('\n')}\n`)
  const columns = 'time=at:s,prompt=in,answer=out'
  return await botPrompts({ trace, columns, sizes: undefined, seed: 1, work: workAt(), ...more }, forMs)
}

test('a share of what the GPUs can do becomes a rate, or stretches the gaps of a trace', async () => {
  const rate = async (load: number, gpus?: string) => {
    const work = workAt(gpus === undefined ? {} : { gpus })
    return (await botPrompts({ load, sizes: SIZES, seed: 1, work }, 10_000)).ratePerSecond!
  }
  expect((await rate(0.8)) / (await rate(0.4))).toBeCloseTo(2, 9)
  expect((await rate(0.8, 'rtx-4090,rtx-4090')) / (await rate(0.8, 'rtx-4090'))).toBeCloseTo(2, 9)
  const [half, full] = [await traced(400, { load: 0.4 }), await traced(400, { load: 0.8 })]
  expect(full.prompts.length / half.prompts.length).toBeGreaterThan(1.8)
  for (const { prompts, ratePerSecond } of [half, full]) {
    expect(ratePerSecond).toBe(0)
    expect(prompts[0]!.atMs).toBe(0)
    expect(prompts.at(-1)!.atMs).toBeGreaterThan(9_000)
    expect(prompts.at(-1)!.atMs).toBeLessThan(10_000)
  }
})

test('long prompts of a trace are left out or cut, and counted; what a lab takes is the same as in replay', async () => {
  const skipped = await traced(200, {})
  expect(skipped.trace!.tooLong).toEqual({ how: 'skip', rows: 20, promptTokensMax: 4_095 })
  expect(skipped.trace!.rows).toBe(180)
  const cut = await traced(200, { longPrompts: 'cut' })
  expect(cut.trace!.tooLong).toMatchObject({ how: 'cut', rows: 20 })
  expect(Math.max(...cut.prompts.map(({ text }) => countTokens(text)))).toBe(4_095)
  expect((await traced(200, { work: workAt({ set: ['contextTokens=450'] }) })).trace!.tooLong).toMatchObject({ promptTokensMax: 449 })
  await expect(traced(200, { work: workAt({ set: ['contextTokens=100'] }) })).rejects.toThrow(/and 200 with prompts over 99 tokens/)
})

test('the answers of a trace are not cut by the default cap; one that was asked for stays', async () => {
  const { prompts } = await traced(200, {})
  const traffic = [{ kind: 'bot', users: 10, ratePerSecond: 0, outstanding: 0, prompts } as never]
  expect(labPlanOf({ traffic }, LAB).settings).toMatchObject({ answerTokensMax: 900 })
  expect(workOf(labPlanOf({ traffic }, { ...LAB, set: ['answerTokensMax=50'] })).answerTokensMax).toBe(50)
})
