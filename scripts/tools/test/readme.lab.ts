import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { $ } from 'zx'
import { readRun } from '#evidence/store/run-folder'
import { newestRun } from '#evidence/store/stored'
import { loadScenario } from '../../scenario/find.ts'
import { expectSwapped } from '../../scenario/proof.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const readme = await readFile(join(root, 'README.md'), 'utf8')

/** What follows needs a model server or a Docker engine, or takes a minute a line. */
const END = '## How do I try my settings, my GPUs, my model?'
const endsAt = readme.indexOf(`\n${END}\n`)

/** The README's commands up to there, in their order, without their comments. */
const commands = [...readme.slice(0, Math.max(0, endsAt)).matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => (block ?? '').split('\n'))
  .map(line => line.replace(/\s+#.*$/, '').trim())
  .filter(line => line !== '' && !line.startsWith('#'))

let home = ''
let trace = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'readme-'))
  await chmod(home, 0o711) // Postgres, under root, runs as somebody else who must be able to pass.
  trace = join(home, 'trace.csv')
  const rows = Array.from(
    { length: 20 },
    (_, i) => `2023-11-16 18:15:${String(10 + i).padStart(2, '0')}.0000000,${100 + 37 * i},${20 + 5 * i}`,
  )
  await writeFile(trace, ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows].join('\n'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** The user types a line and leaves; the rest runs as written, in its own lab folder. */
async function type(command: string) {
  const words = command
    .replace(/\bFILE\b/, trace)
    .replace('--rows 200', '--rows 20')
    .split(/\s+/)
  const input = command.includes('run chat') ? 'hello\n' : ''
  return $({ cwd: root, nothrow: true, quiet: true, input, env: { ...process.env, PREFETCH_LAB_HOME: home } })`${words}`
}

describe('the commands of the README up to its section on own settings work unchanged', () => {
  test('there are some, and the section after them is there', () => {
    expect(endsAt).toBeGreaterThan(0)
    expect(commands.length).toBeGreaterThanOrEqual(8)
  })

  test.each(commands)('%s', async command => {
    const run = await type(command)
    expect(run.exitCode, `${run.stdout}\n${run.stderr}`).toBe(0)
    const [, name] = /^npm run scenario -- (\S+)$/.exec(command) ?? []
    if (name !== undefined) expectSwapped(await loadScenario(name), await readRun(await newestRun()))
  })
})
