import { z } from 'zod'
import { eventsOf, type History, type HistoryEvent } from './history.ts'
import { RunDocument } from './run-document.ts'
import { breach, check, endOf } from './verdict.ts'

/** The end of a task that no worker can do: the cells of `nack-requeue --matrix`. Pure. */

export const MATRIX = 'nack-requeue-matrix'
export const VERBS = ['nack', 'reject', 'killed'] as const
/** `quorum, delayed retry`: with `taskRetryDelayMs`, which RabbitMQ has from 4.3 on. */
export const QUEUE_TYPES = ['quorum', 'quorum, delayed retry', 'classic'] as const
export type Verb = (typeof VERBS)[number]
export type QueueType = (typeof QUEUE_TYPES)[number]

const Outcome = z.enum(['dead-lettered', 'endless'])
type Outcome = z.infer<typeof Outcome>

/** The end of one task. Keys are stable; more may be added. */
const Fate = z.object({
  outcome: Outcome,
  /** Inferences of the task beyond the first, as the GPUs logged them. */
  redeliveries: z.number(),
  /** Messages in the dead-letter queue afterwards. */
  deadLettered: z.number(),
  /** Redeliveries a second while it went on. */
  perSecond: z.number(),
  /** For `killed`: worker, inference of the task, and whether its process was seen gone. */
  kills: z.array(z.object({ worker: z.string(), attempt: z.number(), gone: z.boolean() })),
})
type Fate = z.infer<typeof Fate>

/** Which arm of the matrix it is. */
export const ArmParameters = z.object({ generation: z.enum(['3.10', '4.0', '4.3']), queueType: z.enum(QUEUE_TYPES) })

const Cell = ArmParameters.extend({
  /** The broker's own words: product and version. */
  broker: z.string(),
  verb: z.enum(VERBS),
  ...Fate.shape,
  /** What a documentation leads one to expect. */
  expected: Outcome,
})
export type Cell = z.infer<typeof Cell>

/** `matrix.json`, beside a run; of an older lab all that a matrix left. */
export const MatrixDocument = RunDocument.pick({ startedAt: true, commit: true, machine: true }).extend({
  schemaVersion: z.literal(1),
  node: z.string(),
  labVersion: z.string(),
  matrix: z.array(Cell),
})
export type MatrixDocument = z.infer<typeof MatrixDocument>

/** A classic queue counts nothing; a quorum queue counts failures, from 4.3 on without nacks.
 *  https://www.rabbitmq.com/docs/quorum-queues */
export function expectedOutcome(generation: string, queueType: QueueType, verb: Verb): Outcome {
  if (queueType === 'classic') return 'endless'
  return generation === '4.3' && verb === 'nack' ? 'endless' : 'dead-lettered'
}

/** @param verb also the user who asked. Undefined where nothing was asked. */
export function fateOf(history: History, verb: Verb): Fate | undefined {
  const task = eventsOf(history, 'stored').find(event => event.user === verb)?.task
  if (task === undefined) return undefined
  const runs = eventsOf(history, 'inference').filter(run => run.task === task)
  const deadLettered = eventsOf(history, 'dead').filter(letter => letter.task === task).length
  const seconds = ((runs.at(-1)?.atMs ?? 0) - (runs[0]?.atMs ?? 0)) / 1_000
  const redeliveries = Math.max(0, runs.length - 1)
  const kills = eventsOf(history, 'fault').flatMap(({ action, part: worker, proof, atMs }) => {
    const last = runs.findLastIndex(run => run.worker === worker && run.atMs < atMs)
    return action !== 'kill' || last < 0 ? [] : [{ worker, attempt: last + 1, gone: proof !== undefined }]
  })
  const perSecond = seconds > 0 ? Math.round((redeliveries / seconds) * 10) / 10 : 0
  return { outcome: deadLettered > 0 ? 'dead-lettered' : 'endless', redeliveries, deadLettered, perSecond, kills }
}

const CLAIMS = {
  'dead-lettered': "is dead-lettered once the queue's limit is reached.",
  endless: 'comes back again and again, and is answered once somebody can do it.',
}
const GOES_BACK = { nack: 'is nacked', reject: 'is rejected', killed: 'loses its worker' }

/** Builds a check that a task ends as it is documented. */
export function endsAs(verb: Verb, documented: Outcome) {
  const claim = `A task that ${GOES_BACK[verb]} each time ${CLAIMS[documented]}`
  const look = (history: History) => {
    const fate = fateOf(history, verb)
    const asked = eventsOf(history, 'stored').filter(event => event.user === verb)
    const found = fate === undefined || fate.outcome === documented ? [] : [breach('other-outcome', values(fate, documented), ...asked)]
    return { judged: fate === undefined ? 0 : 1, of: 'poison-tasks', breaches: found }
  }
  return check(`${verb}-${documented}`, claim, look, { needsRest: true })
}

const values = ({ outcome, redeliveries }: Fate, documented: Outcome) => ({ outcome, redeliveries, documented })

/** Undefined for another run. Cells of an arm that did not come to rest are missing. */
export function matrixOfRun(
  { scenario, startedAt, versions, commit, machine, arms }: RunDocument,
  histories: ReadonlyMap<string, readonly HistoryEvent[]>,
): MatrixDocument | undefined {
  if (scenario !== MATRIX) return undefined
  const matrix = arms.flatMap(({ name, parameters, broker = versions.broker, facts }) => {
    const { generation, queueType } = ArmParameters.parse(parameters)
    const history = { ...facts, events: histories.get(name) ?? [] }
    if (endOf(history)?.ended !== 'rest') return []
    return VERBS.flatMap(verb => {
      const fate = fateOf(history, verb)
      return fate === undefined
        ? []
        : [{ broker, generation, queueType, verb, ...fate, expected: expectedOutcome(generation, queueType, verb) }]
    })
  })
  return { schemaVersion: 1, startedAt, node: versions.node, labVersion: versions.lab, commit, machine, matrix }
}

/** What is not as documented, with its cell. */
export function surprises(cells: readonly Cell[]) {
  const others = cells.filter(({ outcome, expected }) => outcome !== expected)
  const unproven = cells.filter(({ verb, kills }) => verb === 'killed' && (kills.length === 0 || kills.some(kill => !kill.gone)))
  return [
    ...others.map(cell => ({ cell, found: breach('other-outcome', values(cell, cell.expected)) })),
    ...unproven.map(cell => ({ cell, found: breach('kill-unproven', {}) })),
  ]
}
