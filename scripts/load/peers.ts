/** `npm run load -- peers`: our chat and queue beside what one would pick instead, in one run. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { PEERS_SCHEMA_VERSION, PeersDocument } from '#evidence/peers-document'
import { peersPlan, runPeers, TARGETS, targetsNamed } from '../../loadtest/peers/index.ts'
import { terminalInk } from '../../reports/ink.ts'
import { peersJunit } from '../../reports/peers/junit.ts'
import { peersText, pieceText } from '../../reports/peers/text.ts'
import { renderedPeers } from '../../reports/rendered.ts'
import { stopSignal } from '../lab/stop.ts'
import { commandOf } from '../setup/program.ts'
import { readyRuntime } from '../setup/runtime.ts'
import { BadLoad } from './bad-load.ts'
import { COUNTED_EXITS, type CountedGiven, countedLab, namesIn, pieceGiven, pieceMs, refuseOthers, storedCounted } from './counted.ts'
import { ensurePeerPackages, ensureRedis } from './peer-packages.ts'

const say = (text: string) => console.error(text)

export async function peers(given: CountedGiven, program: Command): Promise<void> {
  refuseOthers('peers', program)
  const targets = targetsOf(given.only)
  const labPlan = countedLab('peers', given)
  const plan = peersPlan(given.repeat, pieceMs(given, program))
  const signal = stopSignal()
  await readyRuntime('native', { install: given.install })
  const redisProgram = await ensureRedis(given.install, say)
  const modules = await ensurePeerPackages(say)
  const { document, folder } = await storedCounted<PeersDocument>(
    'peers',
    signal,
    async (about, { versions, tookMs }) => {
      const onPiece = (...piece: Parameters<typeof pieceText>) => say(pieceText(...piece))
      const result = await runPeers({ targets, labPlan, modules, redisProgram, plan, signal, onPiece })
      return PeersDocument.parse({
        ...{ schemaVersion: PEERS_SCHEMA_VERSION, kind: 'peers', ...about, seed: given.seed, ...result, tookMs: tookMs() },
        command: commandOf(program, ['peers'], { ...given, for: pieceGiven(given, program) }),
        versions: { ...versions, ...result.versions },
      })
    },
    renderedPeers,
  )
  if (given.json === true) console.log(JSON.stringify({ ...document, folder }, undefined, 2))
  else console.log(peersText(document, folder, terminalInk, process.stdout.columns ?? 80))
  if (given.junit !== undefined) await writeFile(given.junit, peersJunit(document))
  process.exitCode = COUNTED_EXITS[document.verdict]
}

function targetsOf(only: string | undefined) {
  if (only === undefined) return TARGETS
  const targets = targetsNamed(namesIn(only))
  if (targets === undefined || targets.length === 0) {
    const known = TARGETS.map(({ id, parts }) => (parts.length < 2 ? id : `${id} (${parts.map(part => part.id).join(', ')})`))
    throw new BadLoad(`--only: expected targets with commas between them, got ${JSON.stringify(only)}\nThere are: ${known.join('; ')}`)
  }
  return targets
}
