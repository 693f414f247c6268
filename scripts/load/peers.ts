/** `npm run load -- peers`: our chat and queue beside what one would pick instead, in one run. */
import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { Command } from 'commander'
import { EXIT } from '#contracts/parts'
import { PEERS_SCHEMA_VERSION, PeersDocument } from '#evidence/peers-document'
import { inRunFolder, writePeersRun, writeRendered } from '#evidence/store/run-folder'
import { checkPlan, LabError, type LabPlan } from '#lab'
import { type PiecePlan, peersPlan, runPeers, TARGETS, targetsNamed } from '../../loadtest/peers/index.ts'
import { NO_TRAFFIC } from '../../loadtest/workload.ts'
import { terminalInk } from '../../reports/ink.ts'
import { peersJunit } from '../../reports/peers/junit.ts'
import { peersText, pieceText } from '../../reports/peers/text.ts'
import { renderedPeers } from '../../reports/rendered.ts'
import { circumstances } from '../../scenarios/experiment/machine.ts'
import { stopSignal } from '../lab/stop.ts'
import { commandOf } from '../setup/program.ts'
import { type AskedRuntime, readyRuntime } from '../setup/runtime.ts'
import { type AskedLab, labPlanOf } from './lab-plan.ts'
import { BadLoad, durationMs } from './options.ts'
import { ensurePeerPackages, ensureRedis } from './peer-packages.ts'

export interface PeersGiven extends AskedLab {
  only?: string
  repeat: number
  for: string
  install: boolean
  runtime: AskedRuntime
  json?: boolean
  junit?: string
}

const say = (text: string) => console.error(text)
const EXITS = { pass: EXIT.ok, fail: EXIT.failed, unknown: EXIT.unknown }

/** The peers' own lab: people alone, no worker and no GPU. Pure. Throws BAD_LOAD. */
export function peersOf(
  given: PeersGiven,
  pieceGiven: boolean,
): { targets: ReturnType<typeof targetsOf>; labPlan: LabPlan; plan: PiecePlan } {
  if (given.runtime === 'compose') throw new BadLoad('peers runs as local processes, got --runtime compose. Drop --runtime.')
  if (given.broker !== undefined) throw new BadLoad('peers takes the installed RabbitMQ, got --broker. Drop --broker.')
  // One in the air at any time is enough to lift the limits of a person.
  const traffic = [{ ...NO_TRAFFIC, outstanding: 1 }]
  const labPlan = { ...labPlanOf({ traffic }, given), workers: [], gpus: [] }
  checkPlan(labPlan)
  const plan = peersPlan(given.repeat, pieceGiven ? durationMs('--for', given.for) : undefined)
  if (plan.forMs < 500) throw new BadLoad(`--for: expected 500ms or more, got ${given.for}`)
  return { targets: targetsOf(given.only), labPlan, plan }
}

function targetsOf(only: string | undefined) {
  if (only === undefined) return TARGETS
  const targets = targetsNamed(only.split(',').map(name => name.trim()))
  if (targets === undefined || targets.length === 0) {
    const known = TARGETS.map(({ id, parts }) => (parts.length < 2 ? id : `${id} (${parts.map(part => part.id).join(', ')})`))
    throw new BadLoad(`--only: expected targets with commas between them, got ${JSON.stringify(only)}\nThere are: ${known.join('; ')}`)
  }
  return targets
}

const TAKES = ['only', 'repeat', 'for', 'seed', 'design', 'set', 'install', 'json', 'junit', 'runtime', 'broker']

/** What would be left out without a word is refused. Throws BAD_LOAD. */
function refuseOthers(program: Command): void {
  const other = program.options.find(option => {
    const name = option.attributeName()
    return program.getOptionValueSource(name) === 'cli' && !TAKES.includes(name)
  })
  if (other === undefined) return
  const long = (name: string) => program.options.find(option => option.attributeName() === name)?.long ?? ''
  const taken = TAKES.slice(0, -2).map(long).join(', ')
  throw new BadLoad(`${other.long}: peers has loads of its own. It takes ${taken}.`)
}

export async function peers(given: PeersGiven, program: Command): Promise<void> {
  refuseOthers(program)
  const { targets, labPlan, plan } = peersOf(given, program.getOptionValueSource('for') === 'cli')
  const signal = stopSignal()
  await readyRuntime('native', { install: given.install })
  const redisProgram = await ensureRedis(given.install, say)
  const modules = await ensurePeerPackages(say)
  const startedAt = new Date().toISOString()
  const startedMs = performance.now()
  const { node, labVersion, commit, machine } = await circumstances(startedAt)
  const { document, folder } = await inRunFolder('load-peers', startedAt, async folder => {
    const result = await runPeers({
      ...{ targets, labPlan, modules, redisProgram, plan, signal },
      onPiece: (load, system, sample) => say(pieceText(load, system, sample)),
    }).catch((error: unknown) => {
      if (!signal.aborted) throw error
      throw new LabError('INTERRUPTED', 'interrupted before every system was measured; what was started is removed', { cause: error })
    })
    const document = PeersDocument.parse({
      ...{ schemaVersion: PEERS_SCHEMA_VERSION, kind: 'peers', startedAt, commit, machine, seed: given.seed, ...result },
      tookMs: performance.now() - startedMs,
      command: commandOf(program, ['peers'], { ...given, for: pieceOf(given, program) }),
      versions: { lab: labVersion, node, ...result.versions },
    })
    await writePeersRun(folder, document)
    await writeRendered(folder, renderedPeers(document))
    return { document, folder: relative(process.cwd(), folder) }
  })
  if (given.json === true) console.log(JSON.stringify({ ...document, folder }, undefined, 2))
  else console.log(peersText(document, folder, terminalInk, process.stdout.columns ?? 80))
  if (given.junit !== undefined) await writeFile(given.junit, peersJunit(document))
  process.exitCode = EXITS[document.verdict]
}

/** The default is that of the other workloads, and not meant here. */
const pieceOf = (given: PeersGiven, program: Command) => (program.getOptionValueSource('for') === 'cli' ? given.for : undefined)
