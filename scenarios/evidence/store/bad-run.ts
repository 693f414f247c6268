import type { HistoryEvent } from '../history.ts'
import { firstIssue } from '../run-document.ts'

/** What cannot be read as a run, and what to type instead. */

export class BadRun extends Error {
  /** The others: runs that cannot be compared. */
  code: 'BAD_RUN' | 'SAME_RUN' | 'MIXED_SIDE' | 'NOTHING_SHARED' = 'BAD_RUN'
}

type Kind = 'scenario' | 'load' | 'peers' | 'growth' | 'matrix'

const MADE_BY: Readonly<Record<Kind, string>> = {
  scenario: 'a folder such as reports/latest, made by: npm run scenario -- offline-backlog',
  load: 'a folder of a load test, made by: npm run load -- chat',
  peers: 'a folder of a comparison, made by: npm run load -- peers',
  growth: 'a folder of what grows, made by: npm run load -- growth',
  matrix: 'a folder of the matrix, made by: npm run scenario -- nack-requeue --matrix',
}

export function badRun(folder: string, error: unknown, kind: Kind = 'scenario'): BadRun {
  return new BadRun(`${folder} is not a readable run: ${reasonOf(error)}.\nExpected ${MADE_BY[kind]}`, { cause: error })
}

function reasonOf(error: unknown): string {
  const { code, path } = error as { code?: unknown; path?: unknown }
  return code === 'ENOENT' || code === 'ENOTDIR' ? `there is no ${String(path)}` : firstIssue(error)
}

/** Each arm has as many events as its run counted; otherwise it is another run's. */
export function expectEvents(
  arms: readonly { name: string; events: number }[],
  histories: ReadonlyMap<string, readonly HistoryEvent[]>,
): void {
  for (const { name, events } of arms) {
    const seen = histories.get(name)?.length ?? 0
    if (seen !== events)
      throw new Error(
        `expected ${events} events of ${JSON.stringify(name)} in its history, got ${seen === 0 ? 'none' : seen}: it is another run's, or was cut off`,
      )
  }
  const known = new Set(arms.map(({ name }) => name))
  const strange = [...histories.keys()].find(name => !known.has(name))
  if (strange !== undefined)
    throw new Error(`its history has events of ${JSON.stringify(strange)}, which the run does not have: it is another run's`)
}
