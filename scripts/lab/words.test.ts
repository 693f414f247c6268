import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import { LabError } from '#lab'
import { run } from './command.ts'
import { inWordsOf } from './parts.ts'
import { addresses } from './status.ts'

describe('a verb without PART', () => {
  test.each([
    ['stop', /npm run lab:stop -- --help\n.*im-a, .*worker-slow.* a group: workers, nodes, gpus\. Like this: npm run lab:stop workers/],
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
  expect(addresses({ http: 'http://a', control: 'http://b' })).toBe('API http://a  control http://b')
  expect(addresses({ amqp: 'amqp://a' })).toBe('amqp://a')
})

test('heal speaks of heal, every other verb and error stays as it is', () => {
  const cut = new LabError('NOT_ON_NATIVE', 'im-a cannot be cut off')
  const healed = inWordsOf('heal', ['im-a'], cut)
  expect(healed).toMatchObject({ code: 'NOT_ON_NATIVE', exitCode: cut.exitCode })
  expect(String(healed)).toMatch(/nothing to heal: im-a .*npm run lab:up -- --runtime compose/s)
  expect(inWordsOf('partition', ['im-a'], cut)).toBe(cut)
  const other = new LabError('NO_LAB', 'none')
  expect(inWordsOf('heal', ['im-a'], other)).toBe(other)
})
