import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { LabError } from '../../errors.ts'
import { docker } from './docker.ts'

/** All that belongs to one lab carries compose's own label with the name of its project. */
const LABEL = 'com.docker.compose.project'
const HASH_LETTERS = 8
const CLEARING_ROUNDS = 5

/** A lab's project, named after lab and home: homes may repeat names. */
export function projectOf(folder: string): string {
  return `prefetch-lab-${createHash('sha256').update(dirname(folder)).digest('hex').slice(0, HASH_LETTERS)}-${basename(folder)}`
}

export const containerOf = (project: string, part: string) => `${project}-${part}-1`

export interface ContainerState {
  id: string
  status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'
  /** Of its first process on this machine; 0 when it does not run. */
  pid: number
  startedAt: string
  exitCode: number
}

/** The containers of a project by part, stopped ones included. */
export async function containers(project: string): Promise<Map<string, ContainerState>> {
  const ids = (await docker(['ps', '-aq', '--no-trunc', '--filter', `label=${LABEL}=${project}`])).split('\n').filter(id => id !== '')
  if (ids.length === 0) return new Map()
  const format = `{{index .Config.Labels "com.docker.compose.service"}}\t{{.Id}}\t{{.State.Status}}\t{{.State.Pid}}\t{{.State.StartedAt}}\t{{.State.ExitCode}}`
  const lines = (await docker(['inspect', '--format', format, ...ids])).trim().split('\n')
  return new Map(
    lines.map(line => {
      const [part = '', id = '', status = '', pid, startedAt = '', exitCode] = line.split('\t')
      // The words of the engine's API.
      return [part, { id, status: status as ContainerState['status'], pid: Number(pid), startedAt, exitCode: Number(exitCode) }]
    }),
  )
}

/** Running or paused parts of a project, by one command. */
export async function runningParts(project: string): Promise<Set<string>> {
  const filters = ['running', 'paused'].flatMap(status => ['--filter', `status=${status}`])
  const format = '{{.Label "com.docker.compose.service"}}'
  const names = await docker(['ps', ...filters, '--filter', `label=${LABEL}=${project}`, '--format', format])
  return new Set(names.split('\n').filter(name => name !== ''))
}

/** On every container: the folder of its lab, which is the lab's owner. */
export const FOLDER_LABEL = 'prefetch-lab.folder'

/** Labs whose folder is gone: nothing else would find their containers. */
export async function clearForsaken(): Promise<void> {
  const format = `{{.Label "${FOLDER_LABEL}"}}`
  const folders = (await docker(['ps', '-a', '--filter', `label=${FOLDER_LABEL}`, '--format', format]))
    .split('\n')
    .filter(folder => folder !== '')
  for (const folder of new Set(folders)) if (!existsSync(folder)) await clearProject(projectOf(folder))
}

/** Removes all containers, networks and volumes of a project. Safe to repeat. */
export async function clearProject(project: string): Promise<void> {
  // Repeated: a command that was killed may have left the engine with something to finish.
  for (let round = 0; round < CLEARING_ROUNDS && (await clearOnce(project)); round += 1);
}

/** @returns whether there was anything. */
async function clearOnce(project: string): Promise<boolean> {
  let any = false
  for (const [list, remove] of [
    [
      ['ps', '-aq'],
      ['rm', '--force', '--volumes'],
    ],
    [
      ['network', 'ls', '-q'],
      ['network', 'rm'],
    ],
    [
      ['volume', 'ls', '-q'],
      ['volume', 'rm', '--force'],
    ],
  ] as const) {
    const found = (await docker([...list, '--filter', `label=${LABEL}=${project}`])).split('\n').filter(id => id !== '')
    if (found.length === 0) continue
    any = true
    await docker([...remove, ...found]).catch((error: unknown) => {
      // Gone already, or held by a container that the next round removes.
      if (!(error instanceof LabError && /no such|not found|in use|active endpoints|already in progress/i.test(error.message))) throw error
    })
  }
  return any
}
