import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import { LabError, type PartState } from '#lab'
import { run } from './command.ts'
import { inWordsOf, nothingToDo, type Verb } from './parts.ts'
import { addresses, uptime } from './status.ts'

describe('a verb without PART', () => {
  test.each([
    [
      'stop',
      /npm run lab:stop -- --help\n.*im-a, .*worker-slow.* a group: workers, nodes, gpus, brokers\. Like this: npm run lab:stop workers/,
    ],
    ['logs', /npm run lab:logs -- --help\n.*im-a, .*worker-slow\. Like this: npm run lab:logs im-a/],
  ])('%s', async (verb, next) => {
    const home = await mkdtemp(join(tmpdir(), 'words-'))
    const ended = await run([verb], { PREFETCH_LAB_HOME: home }).ended
    await rm(home, { recursive: true })
    expect([ended.exitCode, ended.stderr]).toEqual([EXIT.usage, expect.stringMatching(/^USAGE: missing required argument 'PART'\n/)])
    expect(ended.stderr).toMatch(next)
  })
})

test('several addresses say which is which', () => {
  expect(addresses({ http: 'http://a', control: 'http://b' })).toBe('API http://a\ncontrol http://b')
  expect(addresses({ amqp: 'amqp://a' })).toBe('amqp://a')
})

test.each<[Verb, PartState, string | undefined]>([
  ['stop', 'ready', undefined],
  ['stop', 'not-ready', undefined],
  ['stop', 'stopped', 'had stopped already'],
  ['kill', 'exited', 'had exited already'],
  ['start', 'ready', 'was ready already'],
  ['start', 'stopped', undefined],
  ['pause', 'ready', undefined],
  ['pause', 'paused', 'was paused already'],
  ['pause', 'stopped', 'has stopped: nothing to pause'],
  ['resume', 'paused', undefined],
  ['resume', 'ready', 'was not paused'],
  ['resume', 'stopped', 'has stopped: start it with npm run lab:start PART'],
  ['partition', 'ready', undefined],
])('%s of a part that is %s: %s', (verb, before, text) => expect(nothingToDo(verb, before)).toBe(text))

test.each([
  [45, '45 s'],
  [119.6, '120 s'],
  [3_031, '51 min'],
  [11_500, '3.2 h'],
  [300_000, '3 days'],
])('%d seconds up: %s', (seconds, text) => expect(uptime(seconds)).toBe(text))

test('heal names heal, other verbs and errors stay unchanged', () => {
  const cut = new LabError('NOT_ON_NATIVE', 'im-a cannot be cut off')
  const healed = inWordsOf('heal', ['im-a'], cut)
  expect(healed).toMatchObject({ code: 'NOT_ON_NATIVE', exitCode: cut.exitCode })
  expect(String(healed)).toMatch(/nothing to heal: .*im-a.*npm run lab:up -- --runtime compose/s)
  expect(inWordsOf('partition', ['im-a'], cut)).toBe(cut)
  const other = new LabError('NO_LAB', 'none')
  expect(inWordsOf('heal', ['im-a'], other)).toBe(other)
})
