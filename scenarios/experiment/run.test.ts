import { describe, expect, test } from 'vitest'
import { breach, check } from '#evidence/verdict'
import { LabError } from '../lab/errors.ts'
import type { ArmLab } from './arm-lab.ts'
import { scenario } from './definition.ts'
import { FakeLab } from './fake-lab.ts'
import { type RunOptions, runScenario } from './run.ts'

/** What goes wrong in one arm costs that arm its verdict, and nothing else. */

const seen = check('seen', 'Something was measured.', history => {
  const marks = history.events.filter(event => event.kind === 'expected')
  return { judged: marks.length, of: 'marks', breaches: [] }
})
const mark = { mark: { value: 1, low: 0, high: 2 } }

/** A wait without an end, and without a signal. */
const never = () => new Promise<never>(() => undefined)

/** Three arms; the script of the second does this besides, and all then come to rest. */
function threeArms(second: (lab: ArmLab) => Promise<unknown>) {
  let runs = 0
  return scenario('made-up', {
    claim: '',
    sizes: { quick: {}, full: {} },
    arms: [{ name: 'first' }, { name: 'second' }, { name: 'third' }],
    controls: [],
    async run(lab) {
      lab.expect(mark)
      runs += 1
      if (runs === 2) await second(lab)
      await lab.quiescent({ withinMs: 5_000 })
    },
    checks: [seen],
  })
}

const fine = async () => undefined
/** @param change what is wrong with the nth lab */
async function run(
  made: ReturnType<typeof threeArms>,
  change: (lab: FakeLab, n: number) => void = () => undefined,
  more: Partial<RunOptions> = {},
) {
  const labs: FakeLab[] = []
  const start = async () => {
    const lab = new FakeLab()
    labs.push(lab)
    change(lab, labs.length)
    return lab
  }
  const troubles: string[] = []
  const onArm: RunOptions['onArm'] = (_, event, detail) => event === 'trouble' && troubles.push(detail)
  const signal = new AbortController().signal
  const result = await runScenario(made, { seed: 1, size: 'quick', signal, start, onArm, ...more })
  return { verdict: result.verdict, arms: result.arms, verdicts: result.arms.map(arm => arm.judged.verdict), labs, troubles }
}

test('three arms in one lab, which is removed', async () => {
  const { verdict, verdicts, labs } = await run(threeArms(fine))
  expect([verdict, verdicts, labs.map(lab => lab.done)]).toEqual(['pass', ['pass', 'pass', 'pass'], [['renew', 'renew', 'down']]])
})

test('arms of one broker share a lab; another broker is another lab', async () => {
  const brokers = ['4.0', '4.0', '4.3', undefined] as const
  const arms = brokers.map((broker, i) => ({ name: String(i), ...(broker === undefined ? {} : { broker }) }))
  const labs: FakeLab[] = []
  const start: RunOptions['start'] = async plan => {
    const lab = new FakeLab(plan)
    lab.versions = async () => ({ broker: `RabbitMQ ${lab.plan.broker ?? 'of the run'}`, database: '' })
    labs.push(lab)
    return lab
  }
  const done = await run({ ...threeArms(fine), arms }, undefined, { start })
  expect(labs.map(lab => lab.done)).toEqual([['renew', 'down'], ['down'], ['down']])
  expect(done.arms.map(arm => arm.broker)).toEqual(['RabbitMQ 4.0', 'RabbitMQ 4.0', 'RabbitMQ 4.3', 'RabbitMQ of the run'])
})

test('a broker is configured at its start: an arm with another consumer timeout has another lab', async () => {
  const start: RunOptions['start'] = async plan => {
    const lab = new FakeLab(plan)
    labs.push(lab)
    return lab
  }
  const labs: FakeLab[] = []
  const arms = [3_000, 3_000, 1_800_000, undefined].map((consumerTimeoutMs, i) => ({
    name: String(i),
    ...(consumerTimeoutMs === undefined ? {} : { set: { consumerTimeoutMs } }),
  }))
  await run({ ...threeArms(fine), arms, controls: [] }, undefined, { start })
  expect(labs.map(lab => lab.done)).toEqual([
    ['renew', 'down'],
    ['renew', 'down'],
  ])
})

describe('an arm that ends by an error is unknown with the error; those before keep their verdict, those after run in a lab of their own', () => {
  test('a bug in its script leaves its history and its stack', async () => {
    const { verdict, verdicts, arms, labs, troubles } = await run(
      threeArms(async () => {
        throw new TypeError('no such verb')
      }),
    )
    expect([verdict, verdicts]).toEqual(['unknown', ['pass', 'unknown', 'pass']])
    expect(arms[1]?.judged.why).toMatchObject({ code: 'error', values: { lastSeen: expect.stringMatching(/^TypeError: no such verb/) } })
    expect(arms[1]?.history.map(event => event.kind)).toContain('expected')
    expect(troubles.join()).toMatch(/TypeError: no such verb\n +at .*run\.test\.ts/)
    expect(labs.map(lab => lab.done)).toEqual([['renew', 'down'], ['down']])
  })
  test('a database that cannot be dumped: the first error is the reason', async () => {
    const broken = new Error('connection refused')
    const { verdicts, arms } = await run(threeArms(fine), (lab, n) => n === 1 && lab.broken.set('dump', broken))
    expect(verdicts).toEqual(['unknown', 'pass', 'pass'])
    expect(arms[0]?.judged.why).toMatchObject({ code: 'error', values: { lastSeen: expect.stringMatching(/connection refused/) } })
  })
  test('its lab did not start: a part did not become ready', async () => {
    const slow = new LabError('PART_NOT_READY', 'worker-fast did not become ready\nits log')
    const { verdicts, arms, labs } = await run(threeArms(fine), (lab, n) => n === 1 && lab.broken.set('renew', slow))
    expect(verdicts).toEqual(['pass', 'unknown', 'pass'])
    expect(arms[1]?.judged.why.values['lastSeen']).toMatch(/^PART_NOT_READY: worker-fast did not become ready/)
    expect(labs).toHaveLength(2)
  })
  test('a lab that cannot be removed is reported, and costs no verdict', async () => {
    const { verdict, troubles } = await run(threeArms(fine), lab => lab.broken.set('down', new Error('busy')))
    expect([verdict, troubles]).toEqual(['pass', ['its lab could not be removed: Error: busy']])
  })
})

describe('a part that exited unexpectedly', () => {
  const named = { code: 'error', values: { lastSeen: expect.stringMatching(/^PART_EXITED: im-a /) } }
  test.each<[string, (lab: ArmLab) => Promise<unknown>]>([
    ['in a wait that knows of no signal', never],
    ['just before the script is over', fine],
    ['and another error comes of it', () => Promise.reject(new Error('connection refused'))],
    ['and a wait runs out', lab => lab.until('it is so', () => 1, { equals: 2, withinMs: 0 })],
  ])('the arm is unknown and names it: %s', async (_, second) => {
    const dies = (lab: ArmLab) => {
      labs[0]?.dead.push('im-a')
      return second(lab)
    }
    const labs: FakeLab[] = []
    const { verdicts, arms, troubles, ...ran } = await run(threeArms(dies), lab => labs.push(lab))
    expect(verdicts).toEqual(['pass', 'unknown', 'pass'])
    expect(arms[1]?.judged.why).toEqual(named)
    expect(troubles.join()).toMatch(/log of im-a/)
    expect(ran.labs.map(lab => lab.done)).toEqual([['renew', 'down'], ['down']])
  })
  test('a check that failed before does not fail the claim', async () => {
    const labs: FakeLab[] = []
    const dies = threeArms(async () => labs[0]?.dead.push('im-a'))
    const failing = check('failing', '', history => ({
      judged: 1,
      of: 'messages',
      breaches: history.events.length > 0 ? [breach('gap', {})] : [],
    }))
    const { verdicts, arms } = await run({ ...dies, checks: [failing] }, lab => labs.push(lab))
    expect(verdicts).toEqual(['fail', 'unknown', 'fail'])
    expect(arms[1]?.judged.why).toEqual(named)
  })
})

test.each<[string, (lab: ArmLab) => Promise<unknown>, RegExp]>([
  ['a wait that ran out', lab => lab.until('it is so', () => 1, { equals: 2, withinMs: 0 }), /it is so: not within 0 ms/],
  ['a part that did not answer in time', () => Promise.reject(new DOMException('no answer', 'TimeoutError')), /TimeoutError: no answer/],
])('%s cuts the script short: unknown, and the lab goes on', async (_, second, lastSeen) => {
  const { verdicts, arms, labs } = await run(threeArms(second))
  expect(verdicts).toEqual(['pass', 'unknown', 'pass'])
  expect(arms[1]?.judged.why).toMatchObject({ code: 'cut-short', values: { lastSeen: expect.stringMatching(lastSeen) } })
  expect(labs).toHaveLength(1)
})

test('the lab of an unexpected arm is shown, and stays if wanted', async () => {
  const shown: string[] = []
  const keep: RunOptions['onTrouble'] = async arm => shown.push(arm) > 0
  const { verdicts, labs } = await run(
    threeArms(async () => {
      throw new Error('broken')
    }),
    undefined,
    { onTrouble: keep },
  )
  expect([verdicts, shown, labs.map(lab => lab.done)]).toEqual([['pass', 'unknown'], ['second'], [['renew']]])
})

test('a check with a bug does not cost the history', async () => {
  const { arms } = await run({
    ...threeArms(fine),
    checks: [check('seen', '', () => JSON.parse('not JSON'))],
  })
  const why = { code: 'not-judgeable', values: { lastSeen: expect.stringMatching(/^SyntaxError/) } }
  expect(arms.map(arm => arm.judged.why)).toEqual([why, why, why])
  expect(arms[0]?.history.length).toBeGreaterThan(0)
})

describe('nothing to judge: it throws', () => {
  test('no lab could be started', async () => {
    const start = () => Promise.reject(new LabError('PORT_TAKEN', 'taken'))
    await expect(run(threeArms(fine), undefined, { start })).rejects.toMatchObject({ code: 'PORT_TAKEN', exitCode: 2 })
  })
  test('interrupted in a wait that knows of no signal; the script does nothing more to its lab', async () => {
    const stop = new AbortController()
    const after = Promise.withResolvers<PromiseSettledResult<unknown>[]>()
    const labs: FakeLab[] = []
    const script = threeArms(async lab => {
      await new Promise(resolve => {
        stop.signal.addEventListener('abort', () => setImmediate(resolve))
        stop.abort(new Error('SIGINT'))
      })
      const all = [
        lab.nodes.kill(),
        lab.faults('gpus', {}),
        lab.device('ann', { on: ['im-a'] }),
        lab.untilOrRest(() => false, { withinMs: 60_000 }),
      ]
      after.resolve(await Promise.allSettled(all))
      return never()
    })
    await expect(run(script, lab => labs.push(lab), { signal: stop.signal })).rejects.toThrow('SIGINT')
    const said = (await after.promise).map(step => (step.status === 'rejected' ? String(step.reason) : step.status))
    expect(said).toEqual(Array(4).fill('Error: SIGINT'))
    expect(labs[0]?.done).toEqual(['renew', 'down'])
  })
  test('interrupted in the middle of an arm; the lab is removed', async () => {
    const stop = new AbortController()
    const labs: FakeLab[] = []
    const interrupted = threeArms(async () => {
      stop.abort(new Error('SIGINT'))
      throw new Error('cut off')
    })
    await expect(run(interrupted, lab => labs.push(lab), { signal: stop.signal })).rejects.toThrow('SIGINT')
    expect(labs[0]?.done).toEqual(['renew', 'down'])
  })
})
