import { describe, expect, test } from 'vitest'
import { LabError } from './errors.ts'
import { partEnv } from './part-env.ts'
import { checkPlan, DEFAULT_PLAN, differences, hasBroker, type LabPlan, partsOf, settingsOf, withSetting } from './plan.ts'

const code = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof LabError ? error.code : error
  }
  return 'accepted'
}

test('eight parts; a real model server is not a part', () => {
  expect(partsOf(DEFAULT_PLAN).map(part => part.name)).toEqual([
    ...['rabbitmq', 'postgres', 'im-a', 'im-b'],
    ...['gpu-fast', 'gpu-slow', 'worker-fast', 'worker-slow'],
  ])
  const [fast, slow] = DEFAULT_PLAN.gpus
  expect(partsOf({ ...DEFAULT_PLAN, gpus: [{ ...fast!, url: 'http://127.0.0.1:11434' }, slow!] })).toHaveLength(7)
})

test('three nodes of a broker are three parts, behind which all others start; other numbers are refused', () => {
  const plan = { ...DEFAULT_PLAN, brokers: 3 }
  expect(
    partsOf(plan)
      .slice(0, 4)
      .map(part => part.name),
  ).toEqual(['broker-1', 'broker-2', 'broker-3', 'postgres'])
  expect(partsOf(plan).at(-1)?.needs).toEqual(['broker-1', 'broker-2', 'broker-3', 'postgres'])
  expect([1, 3].map(brokers => code(() => checkPlan({ ...DEFAULT_PLAN, brokers })))).toEqual(['accepted', 'accepted'])
  for (const brokers of [0, 2, 5, Number.NaN, 1.5]) expect(code(() => checkPlan({ ...DEFAULT_PLAN, brokers }))).toBe('BAD_SETTING')
  expect(() => checkPlan({ ...DEFAULT_PLAN, brokers: 2 })).toThrow(/no majority\.\n.*--brokers 3/)
  expect(differences(DEFAULT_PLAN, plan)).toEqual([expect.stringMatching(/^parts: rabbitmq, .*\(asked: broker-1, broker-2, broker-3, /)])
  expect(hasBroker(plan, { settings: {} })).toBe(false)
})

describe('settings', () => {
  test('of all, then of the part; a GPU has its profile', () => {
    const plan = withSetting(withSetting(DEFAULT_PLAN, 'workerPrefetchTasks=250'), 'worker-fast:workerPrefetchTasks=2')
    expect(['worker-fast', 'worker-slow'].map(part => settingsOf(plan, part).workerPrefetchTasks)).toEqual([2, 250])
    expect(['gpu-fast', 'gpu-slow'].map(part => settingsOf(plan, part).gpuProfile)).toEqual(['rtx-4090', 'rx-7650-gre'])
  })

  test.each([
    ['workerPrefetchTasks=-3', 'BAD_SETTING'],
    ['nonsense=1', 'BAD_SETTING'],
    ['noequals', 'BAD_SETTING'],
    ['im-z:seed=1', 'UNKNOWN_PART'],
    ['im-a:seed=1', 'accepted'],
    ['gpuProfile=gtx-9000', 'UNKNOWN_GPU_PROFILE'],
    ['gpu-slow:gpuProfile={"name":1}', 'UNKNOWN_GPU_PROFILE'],
    ['gpu-slow:gpuProfile=synthetic-slow', 'accepted'],
    ['worker-slow:taskQueueType=classic', 'BAD_SETTING'],
    ['worker-slow:taskQueueMaxTasks=7', 'BAD_SETTING'],
    ['im-b:taskDeliveryLimit=0', 'BAD_SETTING'],
    ['im-b:robotUser=Other', 'BAD_SETTING'],
    ['im-b:design=article', 'BAD_SETTING'],
    ['gpu-slow:taskQueueType=classic', 'accepted'],
    ['taskQueueType=classic', 'accepted'],
    ['im-a:fanoutQueueName=one', 'accepted'],
    ['originAllowed=http://a.example,http://b.example', 'accepted'],
  ])('--set %s: %s', (text, expected) => expect(code(() => checkPlan(withSetting(DEFAULT_PLAN, text)))).toBe(expected))

  test('a card is a GPU’s own: --set gpuProfile is all of them, with a part one', () => {
    const profiles = (text: string) => withSetting(DEFAULT_PLAN, text).gpus.map(({ profile }) => profile)
    expect(profiles('gpuProfile=synthetic-fast')).toEqual(['synthetic-fast', 'synthetic-fast'])
    expect(profiles('gpu-slow:gpuProfile=synthetic-slow')).toEqual(['rtx-4090', 'synthetic-slow'])
  })

  test('a difference that the broker would refuse names both sides', () => {
    expect(() => checkPlan(withSetting(DEFAULT_PLAN, 'worker-slow:taskQueueType=classic'))).toThrow(
      /taskQueueType: expected one value for all parts, got quorum \(im-a, im-b, worker-fast\) and classic \(worker-slow\)\n.*--set taskQueueType=classic/,
    )
  })

  test('an unknown GPU profile is refused', () => {
    const gpus = [{ name: 'gpu-fast', profile: 'gtx-9000' }]
    expect(code(() => checkPlan({ ...DEFAULT_PLAN, gpus, workers: [] }))).toBe('UNKNOWN_GPU_PROFILE')
  })
})

test('differences are in words, and equal plans have none in any spelling', () => {
  const prefetch = withSetting(DEFAULT_PLAN, 'workerPrefetchTasks=5')
  expect(differences(DEFAULT_PLAN, withSetting(DEFAULT_PLAN, 'workerPrefetchTasks=1'))).toEqual([])
  expect(differences(DEFAULT_PLAN, prefetch)).toEqual(['workerPrefetchTasks: 1 (asked: 5)'])
  expect(differences(DEFAULT_PLAN, { ...DEFAULT_PLAN, gpus: [DEFAULT_PLAN.gpus[0]!, { name: 'gpu-slow', profile: 'rtx-4090' }] })).toEqual([
    'gpu-slow gpuProfile: "rx-7650-gre" (asked: "rtx-4090")',
  ])
  expect(differences(DEFAULT_PLAN, { ...DEFAULT_PLAN, imNodes: ['im-a'] })[0]).toMatch(/^parts: /)
})

test('a part gets the addresses that it needs and no other secret', () => {
  const addresses = {
    amqpUrl: (role: string) => `amqp://${role}@host`,
    databaseUrl: (role: string) => `postgres://${role}@host`,
    gpuUrl: (gpu: string) => `http://${gpu}`,
    labSecret: 'the lab secret',
  }
  const env = Object.fromEntries(partsOf(DEFAULT_PLAN).map(part => [part.name, partEnv(DEFAULT_PLAN, part, addresses)]))
  expect(env['worker-slow']).toMatchObject({
    AMQP_URL: 'amqp://worker@host',
    DATABASE_URL: 'postgres://worker@host',
    OLLAMA_URL: 'http://gpu-slow',
  })
  expect(env['im-a']).toMatchObject({ AMQP_URL: 'amqp://im@host', LAB_SECRET: 'the lab secret' })
  for (const part of ['worker-fast', 'gpu-fast', 'rabbitmq', 'postgres']) expect(JSON.stringify(env[part])).not.toContain('the lab secret')
  for (const name of ['AMQP_URL', 'DATABASE_URL']) expect(env['gpu-fast']).not.toHaveProperty(name)
})

describe('headers of a model server', () => {
  const [fast, slow] = DEFAULT_PLAN.gpus
  const plan = (headers: Record<string, string>) => ({ ...DEFAULT_PLAN, gpus: [{ ...fast!, url: 'http://a:1', headers }, slow!] })

  test('other ones are another lab, and the difference shows none of them', () =>
    expect(differences(plan({ a: 'CANARY' }), plan({ a: 'other' }))).toEqual(['gpu-fast: other request headers']))

  test('go to the worker of that server, and to a node that works itself', () => {
    const addresses = {
      amqpUrl: () => 'amqp://',
      databaseUrl: () => 'postgres://',
      gpuUrl: (name: string) => `http://${name}`,
      labSecret: 's',
    }
    const given = (lab: LabPlan) =>
      partsOf(lab).flatMap(part => (JSON.stringify(partEnv(lab, part, addresses)).includes('CANARY') ? [part.name] : []))
    expect(given(plan({ a: 'CANARY' }))).toEqual(['worker-fast'])
    expect(given(withSetting(plan({ a: 'CANARY' }), 'im-a:capabilities=chat'))).toEqual(['im-a', 'worker-fast'])
  })
})
