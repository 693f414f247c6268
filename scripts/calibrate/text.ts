import Table from 'cli-table3'
import { NO_LINES } from '../lab/up.ts'
import type { Predicted } from './agreement.ts'
import type { Calibrated } from './profile.ts'
import type { Proof } from './proof.ts'

/** What a calibration says on a terminal. */

const ms = (value: number) => `${Math.round(value)} ms`
const bandOf = ({ low, high }: Predicted) => `${Math.round(low)} to ${ms(high)}`

export function profileLines({ profile }: Calibrated, file: string): string[] {
  const [speed] = Object.values(profile.speeds)
  return [
    `decode ${speed?.decodeTokensPerSecond} tokens/s, prefill ${speed?.prefillTokensPerSecond} tokens/s, ${profile.floorMs.join(' to ')} ms besides,`,
    `${profile.slots} at once (together ${profile.batching.join(', ')} times one)`,
    `profile: ${file}`,
  ]
}

/** Before the run. */
export function predictedLines(predicted: readonly Predicted[]): string[] {
  return predicted.map(one => `${one.what}: ${ms(one.predicted)}, it must lie in ${bandOf(one)}`)
}

export function proofLines(
  { verdict, trouble, figures, server, gapMs, beside, spread, runs, foreignCpuPercent }: Proof,
  { profile }: Calibrated,
): string[] {
  const style = { 'padding-left': 0, 'padding-right': 3, head: [], border: [] }
  const table = new Table({ head: ['through the lab', 'predicted', 'band', 'measured', 'off by', 'retold'], chars: NO_LINES, style })
  for (const one of figures) {
    const offBy = `${(100 * (one.measured / one.predicted - 1)).toFixed(1)} %${one.agrees ? '' : ' ✗'}`
    table.push([one.what, ms(one.predicted), bandOf(one), ms(one.measured), offBy, ms(one.retold)])
  }
  const [speed] = Object.values(profile.speeds)
  const { mean, worst } = foreignCpuPercent
  return [
    '',
    table.toString(),
    'retold: what the model of the dispatch says if the server takes as long for each prompt as it did take.',
    `In the run: decode ${server.decodeTokensPerSecond.toFixed(1)} tokens/s (profile ${speed?.decodeTokensPerSecond}), prefill ${server.prefillMs.toFixed(0)} ms, ${server.answerTokens.toFixed(1)} tokens an answer, ${gapMs.toFixed(1)} ms between two inferences;`,
    `beside the lab an answer takes ${beside.toFixed(2)} times as long as the profile has it, seen in the warm-up and predicted with;`,
    `band for a server up to ${(100 * spread).toFixed(0)} % faster or slower than that; others used ${mean.toFixed(0)} % of this machine, ${worst.toFixed(0)} % at worst, in run ${runs}.`,
    `${verdict}${trouble === undefined ? '' : `: ${trouble}`}`,
  ]
}
