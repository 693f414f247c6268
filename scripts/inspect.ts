/** `npm run inspect -- http://USER@HOST:15672`: who waits in a RabbitMQ, for how long, because of
 *  whom. Reads only; also reads a snapshot that `--save` wrote. */
import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import { terminalInk } from '../reports/ink.ts'
import { inspectedDocument } from '../reports/inspect/document.ts'
import { inspectedHtml } from '../reports/inspect/page.ts'
import { inspectedText } from '../reports/inspect/text.ts'
import { type Inspected, inspected } from '../scenarios/inspect/findings.ts'
import { masked } from '../scenarios/inspect/mask.ts'
import { readBroker } from '../scenarios/inspect/read.ts'
import type { Snapshot } from '../scenarios/inspect/snapshot.ts'
import { loadSnapshot, saveSnapshot } from '../scenarios/inspect/stored.ts'
import { terminalColumns } from '../services/terminal/table.ts'
import { brokerAddress, isAddress } from './inspect/address.ts'
import { watchBroker } from './inspect/watch.ts'
import { stopSignal } from './lab/stop.ts'
import { runProgram } from './setup/program.ts'

const EXIT_CODES: Record<Inspected['verdict'], number> = { findings: EXIT.failed, 'nothing-found': EXIT.ok, unknown: EXIT.unknown }

interface Options {
  ca?: string
  save?: string
  mask?: boolean
  html?: string
  watch?: boolean
  json?: boolean
}

async function look(given: string, { ca }: Options): Promise<Snapshot> {
  return isAddress(given) ? readBroker(await brokerAddress(given, ca), stopSignal()) : loadSnapshot(given)
}

async function inspect(given: string, options: Options): Promise<void> {
  if (options.watch === true) return watchBroker(given, options.ca)
  const seen = await look(given, options)
  const snapshot = options.mask === true && !seen.masked ? masked(seen) : seen
  if (options.save !== undefined) await saveSnapshot(options.save, snapshot)
  const result = inspected(snapshot)
  if (options.html !== undefined) await writeFile(options.html, inspectedHtml(result))
  if (options.json === true) console.log(JSON.stringify(inspectedDocument(result), undefined, 2))
  else console.log(inspectedText(result, { ink: terminalInk, columns: terminalColumns(process.stdout) }))
  process.exitCode = EXIT_CODES[result.verdict]
}

const program = new Command('npm run inspect --')
  .exitOverride()
  .description(
    'Who waits in a RabbitMQ, for how long, because of whom; and what else is wrong. Reads only, in about ten GET requests.\n' +
      'Exit codes: 0 nothing found, 1 findings, 2 no broker, 3 usage, 4 too little was seen.',
  )
  .argument('<ADDRESS or FILE>', 'http://USER@HOST:15672, https too, with a path if a proxy has one; or a snapshot')
  .option('--ca <FILE>', 'PEM of the authority that signed its certificate')
  .option('--save <FILE>', 'write what was seen as a snapshot, for later or for a colleague')
  .option('--mask', 'number the names of queues, users and programs')
  .option('--html <FILE>', 'write it as one page, without scripts and network')
  .option('--watch', 'a live picture in this terminal; q quits')
  .option('--json', 'one JSON document on stdout')
  .addHelpText(
    'after',
    "\nThe password: INSPECT_PASSWORD, else it is asked for. It needs a user with the tag\nmonitoring, and a permission in each virtual host to look into: '^$' '^$' '^$' is enough.",
  )
  .action(inspect)

await runProgram(program)
