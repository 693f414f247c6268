/** Memory, cores, disk and folders, as far as the lab needs them. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Fact, row } from './fact.ts'
import { textOf } from './machine.ts'

const GIB = 2 ** 30
/** By role. An idle lab's eight processes held 991 MiB; clients and images add to it. GiB. */
const MEMORY_GIB = { lab: 1, scenario: 1.5, load: 2, containers: 2.5 }
/** Below it not even the broker comes up. */
const MEMORY_LEAST_GIB = 0.75
/** A lab's folder holds 250 MiB; runs and images come on top. */
const DISK_GIB = { lab: 0.5, runs: 2 }
const CORES = 2

export interface Room {
  cores: number
  freeGib: number
  totalGib: number
  diskGib: number
  /** The folder whose disk that is. */
  diskOf: string
}

/** Pure. What is recommended is only a warning: 2 GB run the lab. */
export function roomRows({ cores, freeGib, totalGib, diskGib, diskOf }: Room): Fact[] {
  const gib = (size: number) => `${size.toFixed(1)} GiB`
  const lacking = Object.entries(MEMORY_GIB).filter(([, needed]) => freeGib < needed)
  const memory = freeGib < MEMORY_LEAST_GIB ? false : lacking.length === 0 || 'warning'
  const disk = diskGib < DISK_GIB.lab ? false : diskGib >= DISK_GIB.runs || 'warning'
  return [
    row('cores', String(cores), `${CORES} recommended`, cores >= CORES || 'warning', 'it runs; times are longer and less even'),
    row(
      'memory',
      `${gib(freeGib)} free of ${gib(totalGib)}`,
      Object.entries(MEMORY_GIB)
        .map(([role, needed]) => `${role} ${needed}`)
        .join(', ')
        .concat(' GiB free'),
      memory,
      `close programs before: ${lacking.map(([role]) => role).join(', ')}`,
    ),
    row(
      `disk of ${diskOf}`,
      `${gib(diskGib)} free`,
      `lab ${DISK_GIB.lab}, runs and images ${DISK_GIB.runs} GiB free`,
      disk,
      'make room: df -h',
    ),
  ]
}

/** A container's limits, if lower than the machine's. @param read a file's text, or '' */
export function machineRoom(read: (path: string) => string = textOf): Pick<Room, 'cores' | 'freeGib' | 'totalGib'> {
  const number = (path: string) => Number.parseInt(read(path), 10)
  const available = /MemAvailable:\s+(\d+) kB/.exec(read('/proc/meminfo'))
  const free = available === null ? freemem() : Number(available[1]) * 1024
  const limit = number('/sys/fs/cgroup/memory.max')
  const inside = limit - number('/sys/fs/cgroup/memory.current')
  const [quota, period] = read('/sys/fs/cgroup/cpu.max').split(' ').map(Number)
  const allowed =
    quota !== undefined && period !== undefined && quota > 0 && period > 0
      ? Math.max(1, Math.floor(quota / period))
      : Number.POSITIVE_INFINITY
  return {
    cores: Math.min(availableParallelism(), allowed),
    freeGib: (inside >= 0 ? Math.min(free, inside) : free) / GIB,
    totalGib: (limit > 0 ? Math.min(totalmem(), limit) : totalmem()) / GIB,
  }
}

/** Tries what the lab does in a folder, or its nearest existing parent. @param blanks whether its
 *  path may have some @returns what fails, and what to type */
export async function folderTrouble(folder: string, blanks = true): Promise<{ found: string; fix: string } | undefined> {
  if (!blanks && /\s/.test(folder)) return { found: 'a blank in its path, which RabbitMQ’s scripts do not take', fix: elsewhere }
  const place = await nearest(folder)
  if (place.trouble !== undefined) return { found: place.trouble, fix: elsewhere }
  const at = (name: string) => join(place.made, name)
  try {
    for (const [what, work] of [
      ['write', () => writeFile(at('program'), '#!/bin/sh\n', { mode: 0o755 })],
      ['run a program (mounted noexec?)', () => promisify(execFile)(at('program'))],
      ['link', () => link(at('program'), at('hard'))],
      ['link by name', () => symlink('program', at('soft'))],
    ] as const) {
      try {
        await work()
      } catch (error) {
        return { found: `cannot ${what}: ${error instanceof Error ? error.message : error}`, fix: elsewhere }
      }
    }
    return undefined
  } finally {
    await rm(place.made, { recursive: true, force: true })
  }
}

const elsewhere = 'export PREFETCH_LAB_HOME=FOLDER PREFETCH_LAB_CACHE=FOLDER'

async function nearest(folder: string): Promise<{ made: string; trouble?: undefined } | { trouble: string }> {
  try {
    return { made: await mkdtemp(join(folder, '.doctor-')) }
  } catch (error) {
    // A read-only file system says ENOENT, too.
    if (!existsSync(folder) && !(error instanceof Error && 'code' in error && error.code !== 'ENOENT')) return nearest(dirname(folder))
    return { trouble: error instanceof Error ? error.message : String(error) }
  }
}
