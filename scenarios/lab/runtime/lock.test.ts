import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockOwners, takeLock, withLock } from './lock.mjs'
import { processId } from './proc.mjs'

let folder = ''
let lock = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  lock = join(folder, 'a.lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const nobody = () => expect.fail('there was nobody to wait for')
const lineOf = (pid: number) => `${pid} ${processId(pid)?.startTime}\n`
const DEAD = `${process.pid} 1\n`

test('a lock has one owner; its folder goes with it where it may', () => {
  takeLock(lock)?.[Symbol.dispose]()
  expect(readdirSync(folder)).toEqual([])
  const first = takeLock(lock, true)
  expect([first?.file, takeLock(lock), lockOwners(lock)]).toEqual([lock, undefined, [processId(process.pid)]])
  first?.[Symbol.dispose]()
  expect(existsSync(folder)).toBe(false)
})

test.each([DEAD, '{"pid":1,"startTime":"no"}', 'rubbish', ''])('a stale lock (%j) is taken over by one of many', text => {
  writeFileSync(lock, text)
  const taken = Array.from({ length: 8 }, () => takeLock(lock))
  expect(taken.filter(one => one !== undefined)).toHaveLength(1)
  expect(readdirSync(folder)).toEqual(['a.lock'])
})

test('a command killed while it removed a stale lock blocks no other', () => {
  for (const left of [lock, `${lock}.over`]) writeFileSync(left, DEAD)
  using taken = takeLock(lock)
  expect([taken?.file, readdirSync(folder)]).toEqual([lock, ['a.lock']])
})

test('while another removes a stale lock it is not ours', () => {
  writeFileSync(lock, DEAD)
  writeFileSync(`${lock}.over`, lineOf(process.ppid))
  expect(takeLock(lock)).toBeUndefined()
})

test('one at a time, and gone afterwards', async () => {
  let inside = 0
  const work = async () => {
    inside += 1
    expect(inside).toBe(1)
    await new Promise(resolve => setImmediate(resolve))
    inside -= 1
  }
  const waitedFor: number[] = []
  await Promise.all([1, 2, 3].map(() => withLock(lock, (pid: number) => waitedFor.push(pid), work)))
  expect(waitedFor).toEqual([process.pid, process.pid])
  expect(existsSync(lock)).toBe(false)
})

test('gone after a failure too', async () => {
  const failing = async () => {
    throw new Error('npm failed')
  }
  await expect(withLock(lock, nobody, failing)).rejects.toThrow('npm failed')
  expect(existsSync(lock)).toBe(false)
})

test('a program of a dead owner keeps the lock while it lives', async () => {
  writeFileSync(lock, `${DEAD}${lineOf(process.pid)}`)
  const release = () => rmSync(lock)
  expect(await withLock(lock, release, async () => 'done')).toBe('done')
})

test('names what its owner started', async () => {
  await withLock(lock, nobody, async (addOwner: (pid: number) => void) => {
    addOwner(process.ppid)
    expect(readFileSync(lock, 'utf8')).toBe(`${lineOf(process.pid)}${lineOf(process.ppid)}`)
  })
})
