import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'

const start = promisify(execFile)
const command = join(import.meta.dirname, 'scenario.ts')

test('a bug in the command exits as a bug with its stack, not as a failed claim', async () => {
  const bug = 'data:text/javascript,console.log=()=>{throw new TypeError("bug")}'
  await expect(start(process.execPath, ['--import', bug, command, '--list'])).rejects.toMatchObject({
    code: EXIT.bug,
    stderr: expect.stringMatching(/TypeError: bug\n +at /),
  })
})

test.each([
  [[], /got none\nThere are: .*\n.*--list\nLike this: npm run scenario -- offline-backlog\n/],
  [['prefetch-fairnes'], /got "prefetch-fairnes"\. Did you mean prefetch-fairness\?\n[\s\S]*npm run scenario -- prefetch-fairness\n/],
])('npm run scenario -- %j: usage, with a command to type', async (args, text) => {
  await expect(start(process.execPath, [command, ...args])).rejects.toMatchObject({ code: EXIT.usage, stderr: expect.stringMatching(text) })
})
