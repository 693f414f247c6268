import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { $ } from 'zx'
import { ROOT } from '../../../scenarios/lab/runtime/compose/images.ts'

/** The README's commands for containers run unchanged; the one by hand: `by-hand.docker.ts`. */

const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
const section = /## How do I run it in containers\?\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? ''
const commands = (/```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '')
  .split('\n')
  .map(line => line.replace(/\s+#.*$/, '').trim())
  .filter(line => line !== '')

let home = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'readme-docker-'))
  await chmod(home, 0o711)
})
afterAll(async () => {
  await type('npm run lab:down')
  await rm(home, { recursive: true, force: true })
})

const type = (command: string) =>
  $({ cwd: ROOT, nothrow: true, quiet: true, env: { ...process.env, PREFETCH_LAB_HOME: home } })`${command.split(/\s+/)}`

test('there are some', () => expect(commands.length).toBeGreaterThanOrEqual(3))

/** The matrix takes the longest. Milliseconds. */
const COMMAND_WITHIN_MS = 600_000

test.each(commands)('%s', { timeout: COMMAND_WITHIN_MS }, async command => {
  const run = await type(command)
  expect(run.exitCode, `${run.stdout}\n${run.stderr}`).toBe(0)
})
