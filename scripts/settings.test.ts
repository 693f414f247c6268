import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const start = promisify(execFile)
const settings = (...args: string[]) => start(process.execPath, [join(import.meta.dirname, 'settings.ts'), ...args])

test('one setting: what it means, what it takes, how to change it', async () => {
  const { stdout } = await settings('workerPrefetchTasks')
  expect(stdout).toMatch(/^workerPrefetchTasks: Unacknowledged tasks/)
  expect(stdout).toContain('takes      a whole number from 0 to 65535')
  expect(stdout).toContain('default    1 (sound), 250 (article)')
  expect(stdout).toContain('--set workerPrefetchTasks=VALUE')
})

test.each(['prefetch', 'PREFETCH', 'workerprefetchtasks'])('%s: found by a part of its name in any case', async word => {
  expect((await settings(word)).stdout).toMatch(/^workerPrefetchTasks: /)
})

test('a word in several names shows them all; nothing is wider than a terminal', async () => {
  const { stdout } = await settings('deadline')
  expect(stdout).toMatch(/authDeadlineMs[\s\S]*modelLoadDeadlineMs[\s\S]*inferenceDeadlineMs/)
  expect(stdout).not.toContain('chatStored')
  const all = (await settings()).stdout + stdout + (await settings('gpuProfile')).stdout + (await settings('--help')).stdout
  expect(all.split('\n').filter(line => line.length > 80 || line !== line.trimEnd())).toEqual([])
})

test('a setting of several names says which', async () => {
  expect((await settings('gpuProfile')).stdout).toMatch(/takes\s+rtx-4090, /)
})

test('help is help, not a mistake', async () => {
  expect((await settings('--help')).stdout).toContain('npm run settings -- NAME')
})

test.each([
  ['workrPrefetchTasks', /^BAD_SETTING: workrPrefetchTasks: unknown setting\. Did you mean workerPrefetchTasks[\s\S]*npm run settings/],
  ['--jsno', /^USAGE: unknown option --jsno\.\n.*-- NAME/s],
])('%s: what is wrong, and what there is', async (word, stderr) => {
  await expect(settings(word)).rejects.toMatchObject({ code: 3, stderr: expect.stringMatching(stderr) })
})
