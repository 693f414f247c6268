/** A lock in a file that names its owners; a dead one's does not count. For run.mjs too. */
import { appendFileSync, linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isAlive, processId } from './proc.mjs'

const lineOf = pid => `${pid} ${processId(pid)?.startTime ?? 'ended'}\n`

/** What `work` returns; undefined where it fails with that code. */
function unless(code, work) {
  try {
    return work()
  } catch (error) {
    if (error.code !== code) throw error
    return undefined
  }
}

/** The living ones: who took it, and what that one named besides. @param {string} file */
export function lockOwners(file) {
  const text = unless('ENOENT', () => readFileSync(file, 'utf8')) ?? ''
  const owners = [...text.matchAll(/^(\d+) (\w*)$/gm)].map(([, pid, startTime = '']) => ({ pid: Number(pid), startTime }))
  return owners.filter(isAlive)
}

/** undefined while another living process holds it, or takes it.
 *  @param {string} file @param {boolean} folderGoes its folder is removed with the last lock in it
 *  @returns {{ file: string, [Symbol.dispose](): void } | undefined} */
export function takeLock(file, folderGoes = false) {
  const own = `${file}.${process.pid}`
  writeOwner(own)
  try {
    for (;;) {
      // Atomic: fails if it exists.
      if (unless('EEXIST', () => linkSync(own, file) ?? true)) return { file, [Symbol.dispose]: () => release(file, folderGoes) }
      if (lockOwners(file).length > 0 || !removeStale(file)) return undefined
    }
  } finally {
    rmSync(own, { force: true })
  }
}

/** A second lock guards the removal: a dead lock cannot become another's meanwhile.
 *  @returns false when another process is at it */
function removeStale(file) {
  const over = takeLock(`${file}.over`)
  if (over === undefined) return false
  if (lockOwners(file).length === 0) rmSync(file, { force: true })
  release(over.file)
  return true
}

/** The folder may go with the last lock in it, perhaps at this very moment. */
function writeOwner(own) {
  const write = () => writeFileSync(own, lineOf(process.pid)) ?? true
  for (let tries = 1; ; tries += 1) {
    mkdirSync(dirname(own), { recursive: true, mode: 0o711 })
    if (tries === 10 ? write() : unless('ENOENT', write)) return
  }
}

function release(file, folderGoes = false) {
  rmSync(file, { force: true })
  if (!folderGoes) return
  try {
    rmdirSync(dirname(file))
  } catch {
    // Others are still in it.
  }
}

/** Runs `work` under the lock. It may name a further owner by pid: a program that can outlive us.
 *  @param onWait gets, once, the pid of whom we wait for */
export async function withLock(file, onWait, work) {
  let lock = takeLock(file)
  for (let told = false; lock === undefined; lock = takeLock(file)) {
    const [owner] = lockOwners(file)
    if (!told && owner !== undefined) onWait(owner.pid)
    told ||= owner !== undefined
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  const free = () => release(file)
  process.once('exit', free)
  try {
    return await work(pid => appendFileSync(file, lineOf(pid)))
  } finally {
    process.off('exit', free)
    free()
  }
}
