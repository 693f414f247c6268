import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { DEFAULT_PLAN, settingsOf } from '#lab'
import { type GpuOptions, withAsked } from './gpus.ts'

const asked = (given: Partial<GpuOptions & { set: string[] }>) => withAsked(DEFAULT_PLAN, { gpus: '', gpu: [], set: [], ...given })
const cards = (given: Parameters<typeof asked>[0]) => asked(given).gpus.map(({ name, profile }) => `${name} ${profile}`)

test('settings name the parts of one’s own GPUs, and --gpu has the last word', () => {
  const plan = asked({
    gpus: 'rtx-4090, rtx-3060',
    gpu: ['attic=l4'],
    set: ['worker-2:workerSlots=3', 'worker-attic:workerPrefetchTasks=9'],
  })
  expect([settingsOf(plan, 'worker-2').workerSlots, settingsOf(plan, 'worker-attic').workerPrefetchTasks]).toEqual([3, 9])
  expect(cards({ set: ['gpuProfile=synthetic-fast'], gpu: ['gpu-slow=t4'] })).toEqual(['gpu-fast synthetic-fast', 'gpu-slow t4'])
})

test('a profile may be a file; one that is not there or no JSON is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gpus-'))
  const [mine, broken] = [join(folder, 'mine.json'), join(folder, 'broken.json')]
  await writeFile(mine, JSON.stringify({ ...gpuProfile('l4'), name: 'mine' }))
  await writeFile(broken, '{')
  const names = asked({ gpus: `l4,${mine}`, gpu: [`gpu-1=${mine}`] }).gpus.map(({ profile }) => gpuProfile(profile).name)
  expect(names).toEqual(['mine', 'mine'])
  expect(() => asked({ gpus: broken })).toThrow(/broken.json is not JSON[\s\S]*npm run calibrate/)
  expect(() => asked({ gpus: join(folder, 'none.json') })).toThrow(/there is no such file/)
  await rm(folder, { recursive: true })
})
