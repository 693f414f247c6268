import { expect, test } from 'vitest'
import type { ContainerState } from './project.ts'
import { doAndSee } from './seen.ts'

type Status = ContainerState['status']

/** Containers of which one is in these states, one after the other. */
function containers(before: Status, after: Status, exitCode = 0) {
  const states = [before, after]
  const done: string[] = []
  const verb = (name: string) => async (part: string) => {
    done.push(`${name} ${part}`)
  }
  const state = (status: Status): ContainerState => ({ id: '', status, pid: 0, startedAt: '', exitCode })
  const known = { stop: verb('stop'), kill: verb('kill'), pause: verb('pause'), resume: verb('resume') }
  return { ...known, done, states: async () => new Map([['worker', state(states.shift() ?? after)]]) }
}

test.each([
  ['stop', 'running', 'exited', 0, 'ran, ended when asked, exit code 0'],
  ['stop', 'running', 'exited', 137, 'ran, did not end in time when asked, ended by SIGKILL'],
  ['stop', 'exited', 'exited', 0, undefined],
  ['stop', 'running', 'running', 0, undefined],
  ['kill', 'paused', 'exited', 137, 'ran, ended by SIGKILL'],
  ['kill', 'running', 'exited', 1, undefined],
  ['kill', 'exited', 'exited', 137, undefined],
  ['pause', 'running', 'paused', 0, 'ran, is paused'],
  ['pause', 'running', 'running', 0, undefined],
  ['resume', 'paused', 'running', 0, 'was paused, runs again'],
  ['resume', 'running', 'running', 0, undefined],
] as const)('%s: %s, then %s with exit code %i', async (verb, before, after, exitCode, seen) => {
  const there = containers(before, after, exitCode)
  expect(await doAndSee(there, verb, 'worker')).toBe(seen)
  expect(there.done).toEqual([`${verb} worker`])
})
