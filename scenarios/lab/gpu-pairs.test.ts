import { describe, expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { LabError } from './errors.ts'
import { GPUS_MAX, withGpus } from './gpu-pairs.ts'
import { checkPlan, DEFAULT_PLAN, settingsOf, withSetting } from './plan.ts'
import { fixedPortOf } from './runtime/ports.ts'

const cards = ['rtx-4090', 'rtx-3060', 'rtx-3060']
const three = withGpus(DEFAULT_PLAN, { gpus: cards })
const pairs = ({ gpus, workers }: typeof DEFAULT_PLAN) =>
  workers.map(({ name, gpu }) => `${name}: ${gpu} ${gpus.find(one => one.name === gpu)?.profile}`)

test('nothing asked: the plan itself', () => expect(withGpus(DEFAULT_PLAN, {})).toEqual(DEFAULT_PLAN))

test('one’s own GPUs each have a worker, and settings name them', () => {
  expect(pairs(three)).toEqual(['worker-1: gpu-1 rtx-4090', 'worker-2: gpu-2 rtx-3060', 'worker-3: gpu-3 rtx-3060'])
  const set = withSetting(withSetting(three, 'worker-1:workerPrefetchTasks=2'), 'worker-2:workerSlots=4')
  checkPlan(set)
  const seen = set.workers.map(({ name }) => settingsOf(set, name))
  expect(seen.map(({ workerPrefetchTasks, workerSlots }) => [workerPrefetchTasks, workerSlots])).toEqual([
    [2, 1],
    [1, 4],
    [1, 1],
  ])
})

test('--gpu exchanges a card, or adds a GPU with its worker', () => {
  expect(pairs(withGpus(DEFAULT_PLAN, { gpu: ['gpu-slow=t4', 'gpu-third=l4', 'attic=m1-pro'] }))).toEqual([
    'worker-fast: gpu-fast rtx-4090',
    'worker-slow: gpu-slow t4',
    'worker-third: gpu-third l4',
    'worker-attic: attic m1-pro',
  ])
  expect(pairs(withGpus(DEFAULT_PLAN, { gpus: ['t4'], gpu: ['gpu-1=l4', 'gpu-2=t4'] }))).toEqual([
    'worker-1: gpu-1 l4',
    'worker-2: gpu-2 t4',
  ])
})

test('named as in predict: NxCARD, CARD:slots=N; named slots are the worker’s too, unless set', () => {
  const plan = withGpus(DEFAULT_PLAN, { gpus: ['rtx-4090', '2xrtx-3060:slots=4'] })
  expect(plan.gpus.map(({ profile }) => gpuProfile(profile)).map(({ name, slots }) => [name, slots])).toEqual([
    ['rtx-4090', 1],
    ['rtx-3060', 4],
    ['rtx-3060', 4],
  ])
  expect(plan.workers.map(({ name }) => settingsOf(plan, name).workerSlots)).toEqual([1, 4, 4])
  const set = withGpus(withSetting(plan, 'worker-3:workerSlots=2'), { gpu: ['gpu-3=rtx-3060:8'] })
  expect(settingsOf(set, 'worker-3').workerSlots).toBe(2)
  checkPlan(set)
})

test('NAME:SLOTS is the same card with that number of slots', () => {
  const [first, second] = withGpus(DEFAULT_PLAN, { gpus: ['rtx-3060:4', 'rtx-3060'] }).gpus
  expect(JSON.parse(first!.profile)).toMatchObject({ name: 'rtx-3060', slots: 4 })
  expect(second).toEqual({ name: 'gpu-2', profile: 'rtx-3060' })
})

describe('refused', () => {
  test.each([
    [{ gpus: ['rtx-4090', '3060'] }, 'UNKNOWN_GPU_PROFILE', /"3060"\. Did you mean rtx-3060/],
    [{ gpus: [''] }, 'UNKNOWN_GPU_PROFILE', /npm run gpus/],
    [{ gpus: ['rtx-3060:0'] }, 'UNKNOWN_GPU_PROFILE', /1 to 256 slots, got 0/],
    [{ gpu: ['gpu-slow'] }, 'BAD_NAME', /expected NAME=PROFILE, got "gpu-slow"/],
    [{ gpu: ['im-a=l4'] }, 'BAD_NAME', /got "im-a"/],
    [{ gpu: ['fast=l4'] }, 'BAD_NAME', /worker-fast/],
    [{ gpu: ['GPU 3=l4'] }, 'BAD_NAME', /small letters/],
    [{ gpus: Array.from({ length: GPUS_MAX + 1 }, () => 'l4') }, 'BAD_NAME', /at most 16/],
  ])('%j', (asked, code, words) => {
    expect(() => withGpus(DEFAULT_PLAN, asked)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(words) }))
    expect(() => withGpus(DEFAULT_PLAN, asked)).toThrow(LabError)
  })
})

test('fixed ports count up in the order of the plan', () => {
  const ports = (plan: typeof DEFAULT_PLAN) => plan.gpus.map(({ name }) => fixedPortOf(name, 'http', plan))
  expect(ports(three)).toEqual([11_501, 11_502, 11_503])
  expect(ports(DEFAULT_PLAN)).toEqual([11_501, 11_502])
  expect(['worker-fast', 'worker-slow', 'im-a', 'im-b'].map(name => fixedPortOf(name, 'http', DEFAULT_PLAN))).toEqual([
    8201, 8202, 8101, 8102,
  ])
  expect([fixedPortOf('gpu-slow', 'control', DEFAULT_PLAN), fixedPortOf('rabbitmq', 'amqp', DEFAULT_PLAN)]).toEqual([11_602, 5673])
})
