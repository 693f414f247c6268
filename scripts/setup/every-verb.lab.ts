import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'

/** Each command with an unexpected error: no exit code of a verdict, and a named culprit. */

const ROOT = join(import.meta.dirname, '..', '..')
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** Loaded into the command: file system, spawns and output fail, but not module loading. */
const failing = (code: string) =>
  `data:text/javascript,${encodeURIComponent(`
    import childProcess from 'node:child_process'
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const fail = () => {
      throw ${code === '' ? "new TypeError('injected')" : `Object.assign(new Error('${code}: injected'), { code: '${code}', syscall: 'write', path: '/some/where' })`}
    }
    const SPARED = /^([A-Z_]|read|stat|lstat|realpath|exists|open|close|fstat|access|writeSync$|internal)/
    if (!process.argv[1].endsWith('run.mjs')) {
      for (const home of [fs, childProcess]) for (const name in home) if (typeof home[name] === 'function' && !SPARED.test(name)) home[name] = fail
      for (const name in fs.promises) if (typeof fs.promises[name] === 'function') fs.promises[name] = fail
      console.log = fail
      syncBuiltinESMExports()
    }`)}`

const FOLDER = mkdtempSync(join(tmpdir(), 'every-verb-'))
afterAll(() => rmSync(FOLDER, { recursive: true }))
const TRACE = join(FOLDER, 'trace.csv')
writeFileSync(TRACE, `TIMESTAMP,ContextTokens,GeneratedTokens\n${[0, 1, 2, 3].map(second => `${second},100,20`).join('\n')}\n`)

/** What a command needs to get to work at all. */
const ARGUMENTS: Record<string, string[]> = {
  'lab:logs': ['im-a'],
  chat: ['--as', 'ann'],
  scenario: ['nack-requeue', '--runtime', 'native'],
  load: ['chat', '--runtime', 'native'],
  replay: [TRACE],
  advise: ['--workers', '2s,7s', '--arrivals', '0.1/s'],
  inspect: ['README.md'],
  calibrate: ['--ollama', 'http://127.0.0.1:1'],
  test: ['docker'],
}
for (const verb of ['stop', 'start', 'kill', 'pause', 'resume', 'partition', 'heal']) ARGUMENTS[`lab:${verb}`] = ['im-a']

async function run(command: string, preload: string): Promise<{ exitCode: number | null; stderr: string }> {
  const [, ...args] = command.split(' ')
  const child = spawn(process.execPath, ['--import', preload, ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const exitCode = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { exitCode, stderr }
}

const verbs = Object.entries(scripts).map(([verb, command]) => ({ verb, command: [command, ...(ARGUMENTS[verb] ?? [])].join(' ') }))

describe.concurrent.each(verbs)('$verb', ({ command }) => {
  test('a full disk is the machine’s fault', async () => {
    const { exitCode, stderr } = await run(command, failing('ENOSPC'))
    expect(exitCode, stderr).toBe(EXIT.environment)
    expect(stderr).toMatch(/^[A-Z_]{5,}: /m)
  })

  test('anything else is a bug of ours, unless the machine lacked something before', async () => {
    const { exitCode, stderr } = await run(command, failing(''))
    expect([EXIT.bug, EXIT.environment], stderr).toContain(exitCode)
    if (exitCode === EXIT.bug) expect(stderr).toMatch(/^BUG: npm run [\w:-]+ hit .*\nTypeError: injected\n +at /m)
    else expect(stderr).toMatch(/^[A-Z_0-9]{5,}: /m)
  })
})
