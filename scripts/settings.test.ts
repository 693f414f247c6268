import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const start = promisify(execFile)
const settings = (...args: string[]) => start(process.execPath, [join(import.meta.dirname, 'settings.ts'), ...args])

test('one setting: what it means, what it takes, how to change it', async () => {
  const { stdout } = await settings('workerPrefetchTasks')
  expect(stdout).toMatch(/^workerPrefetchTasks: Unacknowledged tasks/)
  expect(stdout).toContain('takes     a whole number from 0 to 65535')
  expect(stdout).toContain('default   1 (sound), 250 (article)')
  expect(stdout).toContain('--set workerPrefetchTasks=VALUE')
})

test('help is help, not a mistake', async () => {
  expect((await settings('--help')).stdout).toContain('npm run settings -- NAME')
})

test.each([
  ['workerPrefetch', /^BAD_SETTING: workerPrefetch: no such setting; did you mean workerPrefetchTasks/],
  ['--jsno', /^USAGE: unknown option --jsno\.\n.*-- NAME/s],
])('%s: what is wrong, and what there is', async (word, stderr) => {
  await expect(settings(word)).rejects.toMatchObject({ code: 3, stderr: expect.stringMatching(stderr) })
})
