import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

/** A project with the real entry, an npm that records its calls, and the test's verbs. */
let root = ''
const npmCalls = () => (existsSync(join(root, 'npm-calls')) ? readFileSync(join(root, 'npm-calls'), 'utf8').trim().split('\n') : [])
const env = () => ({ ...process.env, PREFETCH_LAB_CACHE: join(root, 'cache'), npm_execpath: join(root, 'npm-cli.js') })
const verb = (name: string, text: string) => writeFileSync(join(root, 'scripts', `${name}.ts`), text)
const run = (...args: string[]) => spawnSync(process.execPath, [join(root, 'scripts/run.mjs'), ...args], { env: env(), encoding: 'utf8' })
const start = (...args: string[]) =>
  spawn(process.execPath, [join(root, 'scripts/run.mjs'), ...args], { env: env(), stdio: ['ignore', 'pipe', 'ignore'] })

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'run-entry-'))
  mkdirSync(join(root, 'scripts'))
  mkdirSync(join(root, 'node_modules'))
  cpSync(join(import.meta.dirname, 'run.mjs'), join(root, 'scripts/run.mjs'))
  cpSync(join(import.meta.dirname, 'setup'), join(root, 'scripts/setup'), { recursive: true })
  cpSync(join(import.meta.dirname, '../scenarios/lab/runtime'), join(root, 'scenarios/lab/runtime'), { recursive: true })
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  writeFileSync(join(root, 'package-lock.json'), '{"packages":{"":{},"node_modules/a":{"integrity":"one"}}}')
  writeFileSync(
    join(root, 'npm-cli.js'),
    `import { appendFileSync, existsSync } from 'node:fs'
     appendFileSync('npm-calls', process.argv[2] + '\\n')
     if (existsSync('npm-fails')) { console.error('no way to the registry'); process.exit(1) }`,
  )
  verb('args', 'console.log(JSON.stringify(process.argv.slice(2)))')
  verb('lab', 'process.exit(7)')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a folder below /proc is refused: making one there never ends', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/run.mjs'), 'args'], {
    env: { ...env(), PREFETCH_LAB_HOME: '/proc/x' },
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^BAD_FOLDER: PREFETCH_LAB_HOME.*\n {2}unset PREFETCH_LAB_HOME/)])
})

describe('the verb', () => {
  test('gets its arguments as they are, and its exit code is ours', () => {
    expect(run('args', 'up', '--name', 'a b').stdout).toBe('["up","--name","a b"]\n')
    expect(run('lab', 'up').status).toBe(7)
  })

  test('unknown or missing: the known ones, exit code 3', () => {
    for (const args of [['nonsense'], [], ['../lab']]) {
      const { status, stderr } = run(...args)
      expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('There are: args, lab.') })
    }
  })
})

describe('on a system that is not Linux', () => {
  const elsewhere = (platform: string, ...args: string[]) => {
    const there = `data:text/javascript,Object.defineProperty(process,'platform',{value:'${platform}'})`
    return spawnSync(process.execPath, ['--import', there, join(root, 'scripts/run.mjs'), ...args], { env: env(), encoding: 'utf8' })
  }

  test('commands without a lab run; those that start one are refused, `demo --real` too', () => {
    verb('demo', "console.log('shown')")
    expect(elsewhere('darwin', 'demo').stdout).toBe('shown\n')
    for (const args of [
      ['lab', 'up'],
      ['demo', '--real'],
    ])
      expect(elsewhere('darwin', ...args)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^NOT_LINUX: expected Linux, got darwin/),
      })
    expect(elsewhere('win32', 'demo', '--real').stderr).toMatch(/wsl --install/)
  })
})

describe('packages', () => {
  test('installed once, and again when the lock file changes', () => {
    run('args')
    run('args')
    expect(npmCalls()).toEqual(['ci'])
    writeFileSync(join(root, 'package-lock.json'), '{"packages":{"node_modules/a":{"integrity":"two"}}}')
    run('args')
    expect(npmCalls()).toEqual(['ci', 'ci'])
  })

  test('installed by hand: nothing to do', () => {
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{"packages":{"node_modules/a":{"integrity":"one"}}}')
    expect(run('args').status).toBe(0)
    expect(npmCalls()).toEqual([])
  })

  test('failing: what npm said, what to type, exit code 2, and the next command tries again', () => {
    writeFileSync(join(root, 'npm-fails'), '')
    const { status, stderr } = run('args')
    expect(status).toBe(2)
    expect(stderr).toMatch(/no way to the registry\nPACKAGES_MISSING: .*\n {2}npm ci/)
    rmSync(join(root, 'npm-fails'))
    expect(run('args').status).toBe(0)
  })

  test('two commands at once install once', async () => {
    const both = [start('args'), start('args')]
    expect(await Promise.all(both.map(child => once(child, 'exit')))).toEqual([
      [0, null],
      [0, null],
    ])
    expect(npmCalls()).toEqual(['ci'])
  })

  test('a cache that cannot be written: which, and how to name another', () => {
    writeFileSync(join(root, 'cache'), 'not a folder')
    const { status, stderr } = run('args')
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/CACHE_UNUSABLE.*PREFETCH_LAB_CACHE/s) })
  })
})

describe('npm', () => {
  const withShim = (first: string) => {
    const bin = join(root, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'npm'), `${first}\necho "$1" >>npm-calls\n`, { mode: 0o755 })
    const { npm_execpath: _, ...shell } = env()
    const at = { env: { ...shell, PATH: `${bin}:${process.env['PATH']}`, VOLTA_HOME: '/volta' }, encoding: 'utf8' } as const
    return spawnSync(process.execPath, [join(root, 'scripts/run.mjs'), 'args'], at)
  }

  test.each([['#!/bin/sh'], ['#!/usr/bin/env bash\nset -euo pipefail\ntest "$VOLTA_HOME" = /volta'], ['#!/usr/bin/env -S sh -e']])(
    'a shim (%j) is started as the program that it is',
    first => {
      expect(withShim(first)).toMatchObject({ status: 0, stderr: expect.stringContaining('Installing the packages') })
      expect(npmCalls()).toEqual(['ci'])
    },
  )

  test('a shim that fails says what it said, with exit code 2', () => {
    expect(withShim('#!/bin/sh\necho "no version is set for npm" >&2; exit 126')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/no version is set for npm\nPACKAGES_MISSING/),
    })
  })

  test('a text file or a folder of that name is passed over; without any npm: how to get one', () => {
    const bin = join(root, 'bin')
    mkdirSync(join(bin, 'npm'), { recursive: true })
    const { npm_execpath: _, ...shell } = env()
    const node = join(root, 'node') // Apart from the npm beside the real one.
    cpSync(process.execPath, node)
    const run = spawnSync(node, [join(root, 'scripts/run.mjs'), 'args'], { env: { ...shell, PATH: bin }, encoding: 'utf8' })
    if (!existsSync('/usr/share/nodejs/npm'))
      expect(run).toMatchObject({ status: 2, stderr: expect.stringMatching(/NPM_MISSING: .*\n {2}sudo apt-get/) })
  })
})

describe('the end of a command', () => {
  test('an uncaught error is a bug: exit code 70 and its stack', () => {
    verb('broken', "await Promise.resolve(); throw new TypeError('oops')")
    expect(run('broken')).toMatchObject({ status: 70, stderr: expect.stringMatching(/^BUG: npm run broken .*\nTypeError: oops\n +at /m) })
    verb('broken', 'const text: string = ;')
    expect(run('broken')).toMatchObject({ status: 70, stderr: expect.stringMatching(/^BUG: npm run broken/m) })
  })

  test.each(['ENOSPC', 'EACCES', 'EROFS', 'EMFILE', 'ENOEXEC', 'ETXTBSY', 'EDQUOT', 'ENOMEM'])('%s: the machine’s, exit code 2', code => {
    verb('broken', `throw new Error('outer', { cause: Object.assign(new Error('${code}: x'), { code: '${code}', syscall: 'open' }) })`)
    expect(run('broken')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^[A-Z_]+: /m) })
  })

  test('a missing program is the machine’s', () => {
    verb('broken', "import { spawn } from 'node:child_process'\nspawn('/nowhere/program')")
    expect(run('broken')).toMatchObject({ status: 2, stderr: expect.stringMatching(/^PROGRAM_MISSING: spawn/m) })
  })

  test.each(['SIGKILL', 'SIGABRT', 'SIGBUS'])('a command that %s ended lacked memory or disk: exit code 2', signal => {
    verb('broken', `process.kill(process.pid, '${signal}')\nsetInterval(() => {}, 1_000)`)
    expect(run('broken')).toMatchObject({ status: 2, stderr: expect.stringContaining(`KILLED: broken was ended by ${signal}`) })
  })

  test('a lost reader ends nothing; a full disk behind stdout is an error', () => {
    verb('long', "for (let i = 0; i < 20_000; i += 1) process.stdout.write('a line\\n')\nprocess.exitCode = 5")
    const command = `"${process.execPath}" "${join(root, 'scripts/run.mjs')}" long`
    const shell = (text: string) => spawnSync('bash', ['-c', text], { env: env(), encoding: 'utf8' })
    run('long') // Packages are installed once.
    expect(shell(`${command} | head -1; exit \${PIPESTATUS[0]}`)).toMatchObject({ status: 5, stdout: 'a line\n', stderr: '' })
    if (existsSync('/dev/full'))
      expect(shell(`${command} >/dev/full`)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^DISK_FULL/) })
  })
})

describe('signals', () => {
  const READY = "console.log('ready')\nsetInterval(() => {}, 1_000)\n"

  test('the child gets it and decides', async () => {
    verb('serve', `let count = 0; process.on('SIGTERM', () => { count += 1; setImmediate(() => process.exit(40 + count)) })\n${READY}`)
    const child = start('serve')
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([41, null])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('a child that %s ended: exit code %i', async (signal, exitCode) => {
    verb('serve', READY)
    const child = start('serve')
    await once(child.stdout, 'data')
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([exitCode, null])
  })

  test('killed ourselves: the child sees it', async () => {
    verb('serve', `process.on('disconnect', () => { console.log('alone'); process.exit() })\n${READY}`)
    const child = start('serve')
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    expect(String((await once(child.stdout, 'data'))[0])).toBe('alone\n')
  })
})
