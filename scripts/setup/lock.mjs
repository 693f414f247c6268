/** A file lock that dies with its owner. Plain JavaScript: `run.mjs` needs it before packages. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Fields of /proc/PID/stat from the third (state) on: the name before them may hold spaces. */
export function statFields(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Pid and start time, since pids recur. Without /proc (macOS) the pid alone. */
export function identity(pid) {
  try {
    return `${pid} ${statFields(pid)[19]}`
  } catch {
    return `${pid}`
  }
}

/** Whether the process that wrote this identity still runs. */
export function isAlive(owner) {
  const [pid, start] = owner.split(' ')
  if (start === undefined) {
    try {
      return process.kill(Number(pid), 0)
    } catch (error) {
      return error.code === 'EPERM'
    }
  }
  try {
    const fields = statFields(pid)
    return fields[19] === start && fields[0] !== 'Z'
  } catch {
    return false
  }
}

function ownersOf(lock) {
  try {
    return readFileSync(lock, 'utf8')
      .split('\n')
      .filter(line => line !== '')
  } catch {
    return []
  }
}

/** Removes a dead owner's lock, unless another command has replaced it since we looked. */
function takeAway(lock, seen) {
  const aside = `${lock}.${process.pid}.stale`
  try {
    renameSync(lock, aside)
    if (ownersOf(aside).join() !== seen.join()) linkSync(aside, lock)
  } catch {
    // Another command was faster: the loop looks again.
  }
  rmSync(aside, { force: true })
}

/** True when the lock is ours now. It appears with its content or not at all. */
function take(lock) {
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, `${identity(process.pid)}\n`)
  try {
    linkSync(mine, lock)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Runs `work` under `lock`; its argument adds an owner's pid. `onWait` gets the owner, once. */
export async function withLock(lock, onWait, work) {
  mkdirSync(dirname(lock), { recursive: true })
  for (let told = false; !take(lock); ) {
    const owners = ownersOf(lock)
    if (!owners.some(isAlive)) {
      takeAway(lock, owners)
      continue
    }
    if (!told) onWait(Number(owners[0].split(' ')[0]))
    told = true
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  const release = () => rmSync(lock, { force: true })
  process.once('exit', release)
  try {
    return await work(pid => writeFileSync(lock, `${identity(pid)}\n`, { flag: 'a' }))
  } finally {
    process.off('exit', release)
    release()
  }
}
