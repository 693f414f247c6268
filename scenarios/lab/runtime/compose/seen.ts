import type { Seen } from '../verbs.ts'
import type { ContainerState } from './project.ts'

type Verb = 'stop' | 'kill' | 'pause' | 'resume'

/** What a container exits with when it was ended by SIGKILL. */
const KILLED = 137

type Containers = Record<Verb, (part: string) => Promise<void>> & { states(): Promise<Map<string, ContainerState>> }

/** Acts on a container. @returns its state before and after, by the engine */
export async function doAndSee(containers: Containers, verb: Verb, part: string): Promise<Seen> {
  const before = (await containers.states()).get(part)?.status
  await containers[verb](part)
  const after = (await containers.states()).get(part)
  const ran = before === 'running' || before === 'paused'
  if (verb === 'pause') return before === 'running' && after?.status === 'paused' ? 'ran, is paused' : undefined
  if (verb === 'resume') return before === 'paused' && after?.status === 'running' ? 'was paused, runs again' : undefined
  if (!ran || after?.status !== 'exited') return undefined
  if (verb === 'kill') return after.exitCode === KILLED ? 'ran, ended by SIGKILL' : undefined
  return after.exitCode === KILLED
    ? 'ran, did not end in time when asked, ended by SIGKILL'
    : `ran, ended when asked, exit code ${after.exitCode}`
}
