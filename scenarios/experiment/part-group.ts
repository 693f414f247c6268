import { LabError } from '../lab/errors.ts'
import type { LabPlan, PartKind } from '../lab/plan.ts'
import type { Seen } from '../lab/runtime/verbs.ts'
import type { Recorder } from './recorder.ts'

/** Verbs on parts of a kind, recorded with what was seen as proof. */
export interface PartGroup {
  /** Sends SIGTERM and waits for the end; a worker has `drainMs` to finish what runs. No names: all
   *  of the kind, as with every verb.
   *  @throws UNKNOWN_PART for a name that the lab does not have. */
  stop(...names: string[]): Promise<void>
  /** Starts what does not run and waits until it is ready.
   *  @throws PART_NOT_READY with the last lines of its log. */
  start(...names: string[]): Promise<void>
  /** Ends them at once, as `kill -9` does. */
  kill(...names: string[]): Promise<void>
  /** Freezes them: connections stay open, nothing answers. */
  pause(...names: string[]): Promise<void>
  /** Lets frozen parts go on. */
  resume(...names: string[]): Promise<void>
}

type Verb = keyof PartGroup
/** What of a lab is needed. */
type Parts = Record<Verb, (...parts: string[]) => Promise<Map<string, Seen>>> & { parts: readonly { name: string; kind: PartKind }[] }

/** @param during does it, or throws where nothing may be done any more
 *  @param onDone told of each part, once the verb is done */
export function partGroup(
  lab: Parts,
  kind: PartKind,
  recorder: Recorder,
  during: <T>(act: () => Promise<T>) => Promise<T> = act => act(),
  onDone: (verb: Verb, part: string) => void = () => undefined,
): PartGroup {
  const act =
    (verb: Verb) =>
    async (...names: string[]) => {
      const parts = names.length > 0 ? names : lab.parts.filter(part => part.kind === kind).map(part => part.name)
      const seen = await during(() => lab[verb](...parts))
      for (const part of parts) {
        onDone(verb, part)
        const proof = seen.get(part)
        recorder.record({ kind: 'fault', part, action: verb, ...(proof === undefined ? {} : { proof }) })
      }
    }
  return { stop: act('stop'), start: act('start'), kill: act('kill'), pause: act('pause'), resume: act('resume') }
}

/** Throws NOT_OUR_BROKER where a script would act on a broker of the user's. */
export function refuseNotOurs(kind: PartKind, { ownBroker }: Pick<LabPlan, 'ownBroker'>): void {
  if (kind === 'broker' && ownBroker !== undefined)
    throw new LabError(
      'NOT_OUR_BROKER',
      `${ownBroker.url} is not the lab's: it cannot stop, start or freeze it.\nIn the scenario: restartsBroker: true`,
    )
}
