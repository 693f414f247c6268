import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { killProcesses, pauseProcesses, resumeProcesses, stopProcesses } from './end-processes.ts'
import { gone, launch, signalAll } from './processes.ts'
import type { PartRecord } from './state.ts'

/** A verb tells what was seen of it, and nothing where nothing was. */

let folder = ''
const records: PartRecord[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'end-'))
})
afterEach(async () => {
  for (const record of records.splice(0)) await killProcesses(record)
  await rm(folder, { recursive: true, force: true })
})

/** A shell that runs this and then goes on until it is ended. */
async function part(script: string): Promise<PartRecord> {
  const logFile = join(folder, `log-${records.length}`)
  const args = ['-c', `${script}; echo ready; while :; do sleep 0.05; done`]
  const main = await launch({ command: 'sh', args, env: { PATH: '/usr/bin:/bin' }, cwd: '/', logFile })
  const record: PartRecord = { wanted: 'running', processes: [main], startedAt: '', starts: 1, ports: {} }
  records.push(record)
  await until('it runs', () => readFile(logFile, 'utf8'), { is: text => text.includes('ready'), withinMs: 5_000 })
  return record
}

test('a stop and a kill of a running part are proof, of an ended one not', async () => {
  const [stopped, killed] = [await part(':'), await part(':')]
  expect(await stopProcesses(stopped, 'SIGTERM')).toBe('ran, ended by SIGTERM')
  expect(await killProcesses(killed)).toBe('ran, ended by SIGKILL')
  for (const record of [stopped, killed]) {
    expect(await gone(record.processes, 0)).toBe(true)
    expect(await stopProcesses(record, 'SIGTERM')).toBeUndefined()
    expect(await killProcesses(record)).toBeUndefined()
    expect(await pauseProcesses(record)).toBeUndefined()
    expect(await resumeProcesses(record)).toBeUndefined()
  }
})

test('a stop that needed SIGKILL names it', async () => {
  const deaf = await part("trap '' TERM")
  expect(await stopProcesses(deaf, 'SIGTERM', 200)).toBe('ran, did not end by SIGTERM within 0.2 s, ended by SIGKILL')
  expect(await gone(deaf.processes, 0)).toBe(true)
})

test('a pause is seen by the state of all processes; going on only where something stood still', async () => {
  const record = await part(':')
  expect(await resumeProcesses(record)).toBeUndefined()
  expect(await pauseProcesses(record)).toMatch(/state T/)
  expect(await resumeProcesses(record)).toMatch(/^was stopped \(state T\)/)
  await signalAll(record.processes, 'SIGSTOP')
  expect(await stopProcesses(record, 'SIGTERM')).toBe('ran, ended by SIGTERM')
})

test('a pause is seen in a part that is always starting a program', async () => {
  const record = await part('(while :; do /bin/true; done) & :')
  for (let round = 0; round < 25; round += 1) {
    expect(await pauseProcesses(record), `pause ${round}`).toMatch(/state T/)
    expect(await resumeProcesses(record)).toMatch(/^was stopped/)
  }
})
