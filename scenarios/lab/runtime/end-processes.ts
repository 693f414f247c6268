import { gone, type ProcessId, signalAll, treeOf } from './processes.ts'
import type { PartRecord } from './state.ts'

/** How the processes of one part are ended. */

/** A part that was asked to finish and has not by then is killed: longer than a worker's longest drain by default. Milliseconds. */
const STOP_WITHIN_MS = 20_000

/** Everything that runs for a part. */
export async function treesOf(record: PartRecord): Promise<ProcessId[]> {
  return (await Promise.all(record.processes.map(treeOf))).flat()
}

/** Helpers outlive their part on purpose: RabbitMQ's port mapper. */
const mayGo = (record: PartRecord, tree: ProcessId[]) => tree.filter(id => !record.processes.slice(1).some(helper => helper.pid === id.pid))

/** Asks the main process to finish; what has not ended in time is killed. Resolves when all is gone. */
export async function stopProcesses(record: PartRecord, signal: NodeJS.Signals): Promise<void> {
  const tree = await treesOf(record)
  await signalAll(tree, 'SIGCONT') // A frozen part cannot finish.
  await signalAll(record.processes.slice(0, 1), signal)
  if (!(await gone(record.processes.slice(0, 1), STOP_WITHIN_MS))) await signalAll(tree, 'SIGKILL')
  await gone(mayGo(record, tree), STOP_WITHIN_MS)
}

/** Ends it at once. Resolves when all is gone. */
export async function killProcesses(record: PartRecord): Promise<void> {
  const tree = mayGo(record, await treesOf(record))
  await signalAll(tree, 'SIGKILL')
  await gone(tree, STOP_WITHIN_MS)
}
