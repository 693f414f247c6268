import type { PeerSample, PeersDocument } from '#evidence/peers-document'
import { tableText } from '../../services/terminal/table.ts'
import { paragraph } from '../../services/terminal/text.ts'
import { type Ink, plainInk } from '../ink.ts'
import { milliseconds } from '../load/live.ts'
import { SYSTEM_HEADS, systemRows, TARGET_HEADS, targetRows } from './rows.ts'
import { cpuWords, loadWords, peerCaveats, systemWords, verdictWords } from './words.ts'

/** A comparison with peers for a terminal. Pure. */

const STYLES = { pass: 'green', fail: 'red', unknown: 'yellow' } as const

export function peersText(run: PeersDocument, folder: string, ink: Ink = plainInk, columns = 80): string {
  const { verdict, versions, command } = run
  return [
    `${ink('bold', ink(STYLES[verdict], verdict.toUpperCase()))} ${ink('bold', 'peers')}: ${verdictWords(run)}`,
    '',
    tableText([TARGET_HEADS, ...targetRows(run)], { columns }),
    '',
    tableText([SYSTEM_HEADS, ...systemRows(run)], { columns }),
    '',
    ...peerCaveats(run).flatMap(({ what, why }) => paragraph(`${what} ${why}`, columns, '  ')),
    `  ${[versions['broker'], versions['database'], versions['redis']].join(', ')}`,
    `  again: ${command}`,
    `  evidence: ${folder}`,
  ].join('\n')
}

/** One line for each piece, while it runs. */
export function pieceText(load: string, system: string, sample: PeerSample): string {
  const { repetition, perSecond, p50Ms, p99Ms, cpuUs, generatorUs, lost, duplicates } = sample
  const wrong = lost + duplicates > 0 ? `, LOST ${lost}, DOUBLED ${duplicates}` : ''
  const cpu = cpuWords({ ...cpuUs, client: generatorUs })
  const wait = load === 'idle' ? '' : `, p50/p99 ${milliseconds(p50Ms)}/${milliseconds(p99Ms)} ms`
  return `${loadWords(load)} #${repetition + 1} ${systemWords(system)}: ${Math.round(perSecond)}/s${wait}, µs ${cpu}${wrong}`
}
