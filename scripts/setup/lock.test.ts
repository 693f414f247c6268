import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identity, isAlive, withLock } from './lock.mjs'

let folder = ''
let lock = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  lock = join(folder, 'a.lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const nobody = () => expect.fail('there was nobody to wait for')

test('we are alive; a process of our pid with another start is not us', () => {
  expect(isAlive(identity(process.pid))).toBe(true)
  expect(isAlive(`${process.pid} 1`)).toBe(false)
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

test('a dead owner does not keep it', async () => {
  writeFileSync(lock, `${process.pid} 1\n`)
  expect(await withLock(lock, nobody, async () => 'done')).toBe('done')
})

test('a program of a dead owner keeps the lock while it lives', async () => {
  writeFileSync(lock, `${process.pid} 1\n${identity(process.pid)}\n`)
  const release = () => rmSync(lock)
  expect(await withLock(lock, release, async () => 'done')).toBe('done')
})

test('names what its owner started', async () => {
  await withLock(lock, nobody, async (addOwner: (pid: number) => void) => {
    addOwner(process.ppid)
    expect(readFileSync(lock, 'utf8')).toBe(`${identity(process.pid)}\n${identity(process.ppid)}\n`)
  })
})
