import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import vm from 'node:vm'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Figures } from '#predictor'
import { stateOf } from '../../../reports/playground/address.ts'
import type { Commands } from '../../../reports/playground/commands.ts'
import { ARRIVALS_FILE, arrivalsCsv } from '../../../reports/playground/question.ts'
import { type AdviseAsked, adviseProgram } from '../../advise/arguments.ts'
import { planFrom } from '../../lab/up.ts'
import { addUp } from '../../lab/up-options.ts'
import { buildPlayground } from './build.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..', '..')
const page = await buildPlayground(root)
const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? ''

/** What the page's own script answers, in a world without Node. */
interface Told {
  figures: Figures
  latePercent: number
  commands: Commands
}
const context = vm.createContext({ TextEncoder, URL, Date })
new vm.Script(script).runInContext(context)
const told = (address: string) =>
  JSON.parse(vm.runInContext(`JSON.stringify(playground.figuresOf(${JSON.stringify(address)}))`, context)) as [Told, Told]

/** Cards and times, each kind of arrivals, each setting. */
const ADDRESSES = [
  '',
  '#gpus=20ms,70ms&arrivals=burst&tasks=500&sizes=alike',
  '#arrivals=backlog&tasks=300&a.prefetch=20,1',
  '#arrivals=busy&rate=0.6&b.min=0,8',
  '#arrivals=busy&rate=0.2&sizes=alike',
  '#arrivals=gap&rate=0.7&a.prefetch=3&b.prefetch=2',
  '#gpus=200ms,200ms&rate=8&link=100&a.prefetch=1&b.prefetch=2&seed=7',
  '#gpus=rtx-4090,l4,t4,m1-pro&rate=1&a.slots=2&b.slots=4&b.prefetch=5',
  '#gpus=rtx-3060&rate=0.05&a.prefetch=0',
  '#rate=0.6&a.prefetch=20&b.priority=10,-1&b.prefetch=5',
  '#model=14b&prompt=4000&answer=800&rate=0.1&link=12.5&b.priority=-1,0',
] as const

test('one file that loads nothing, with a policy that allows its own script alone', () => {
  expect(page.length).toBeLessThan(300_000)
  expect(page).not.toMatch(/https?:\/\/|\sstyle=|\son[a-z]+="|\bimport\(|\brequire\(|\/(?:home|root|tmp|work|Users)\//)
  const hash = createHash('sha256').update(script).digest('base64')
  expect(page).toContain(`content="default-src 'none'; style-src 'sha256-`)
  expect(page).toContain(`script-src 'sha256-${hash}'; base-uri 'none'`)
})

test('the copy in reports/example is fresh: npm run playground -- --no-open --out reports/example/playground.html', async () => {
  expect((await readFile(join(root, 'reports/example/playground.html'), 'utf8')) === page).toBe(true)
})

describe('the page and the commands that it hands out', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'playground-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each(ADDRESSES)('%s: figures as predict prints them, on both sides', async address => {
    const { state, refused } = stateOf(address)
    expect(refused).toEqual([])
    const arrivals = arrivalsCsv(state)
    if (arrivals !== undefined) await writeFile(join(folder, ARRIVALS_FILE), arrivals)
    const sides = told(address).map(async ({ figures, commands }) => {
      const [, words = ''] = commands.predict.split('npm run predict -- ')
      const { stdout } = await run(process.execPath, [join(root, 'scripts/predict.ts'), ...words.split(' '), '--json'], { cwd: folder })
      expect(JSON.parse(stdout)).toMatchObject(figures)
      expect(figures.waitMs.max).toBeGreaterThan(0)
    })
    await Promise.all(sides)
  })

  test.each(ADDRESSES)('%s: advise and lab:up take their lines', async address => {
    const { state } = stateOf(address)
    for (const [side, { commands }] of told(address).entries()) {
      let asked: AdviseAsked | undefined
      const [, adviseWords = ''] = commands.advise.split('npm run advise -- ')
      await adviseProgram(given => {
        asked = given
      }).parseAsync(adviseWords.split(' '), { from: 'user' })
      expect(asked?.question).toMatchObject({
        sloMs: state.sloMs,
        seed: state.seed,
        today: state.sides[side]?.orders.map(one => one.prefetch),
      })
      expect(asked?.question.fleet).toHaveLength(state.gpus.length)

      const [, labWords = ''] = commands.labUp.split('npm run lab:up -- ')
      const program = new Command().exitOverride()
      let plan: ReturnType<typeof planFrom> | undefined
      addUp(program, options => {
        plan = planFrom(options)
      })
      await program.parseAsync(['up', ...shellWords(labWords)], { from: 'user' })
      expect(plan?.gpus).toHaveLength(state.gpus.length)
      for (const [i, gpu] of state.gpus.entries())
        expect(plan?.gpus[i]?.profile).toContain(typeof gpu === 'number' ? `"fixedServiceMs":${gpu}` : gpu)
    }
  })
})

/** As a shell reads it: words in single quotes are one. */
const shellWords = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
