import { relative } from 'node:path'
import type { Predicted } from '../scenarios/experiment/calibrate/agreement.ts'
import type { Calibrated } from '../scenarios/experiment/calibrate/profile.ts'
import type { Proof } from '../scenarios/experiment/calibrate/proof.ts'
import { tableText } from '../services/terminal/table.ts'

/** What a calibration says on a terminal. */

const ms = (value: number) => `${Math.round(value)} ms`
const bandOf = ({ low, high }: Predicted) => `${Math.round(low)} to ${ms(high)}`

/** What people know from their chats: a page read, half a page answered. Tokens. */
const USUAL = { prompt: 800, answer: 300 }

/** Four digits are more than is known. */
const figure = (value: number) => Number(value.toPrecision(4))

export function profileLines({ profile, clock }: Calibrated, file: string, trouble: string | undefined): string[] {
  const [speed] = Object.values(profile.speeds)
  const { decodeTokensPerSecond: decode = 1, prefillTokensPerSecond: prefill = 1 } = speed ?? {}
  const [low, high] = profile.floorMs
  const seconds = USUAL.prompt / prefill + USUAL.answer / decode + (low + high) / 2_000
  const { slots } = profile
  const path = relative(process.cwd(), file)
  return [
    `decode ${figure(decode)} tokens/s, prefill ${figure(prefill)} tokens/s, ${figure(low)} to ${figure(high)} ms besides`,
    slots === 1 ? 'one answer at a time' : `${slots} answers at once, together ${profile.batching[slots - 1]} times as fast as one alone`,
    `an answer of ${USUAL.answer} tokens to a prompt of ${USUAL.prompt} takes ${seconds.toFixed(1)} s`,
    ...(clock === 'server' ? [] : ['timed from here: the server reports no durations, or longer ones than passed']),
    `profile: ${path}${trouble === undefined ? '' : ' (written, but others disturbed it: calibrate again before you rely on it)'}`,
    `next: npm run predict -- --gpus rtx-4090,${path} --start burst --sweep`,
    `      npm run lab:up -- --gpu gpu-slow=${path}`,
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
  const rows = figures.map(one => {
    // Of nothing there is no share.
    const share = one.predicted < 1 ? '' : `${(100 * (one.measured / one.predicted - 1)).toFixed(1)} %`
    const offBy = `${share}${one.agrees ? '' : ' ✗'}`
    return [one.what, ms(one.predicted), bandOf(one), ms(one.measured), offBy, ms(one.retold)]
  })
  const [speed] = Object.values(profile.speeds)
  const { mean, worst } = foreignCpuPercent
  return [
    '',
    tableText([['through the lab', 'predicted', 'band', 'measured', 'off by', 'retold'], ...rows]),
    'retold: what the model of the dispatch says if the server takes as long for each prompt as it did take.',
    `In the run: decode ${server.decodeTokensPerSecond.toFixed(1)} tokens/s (profile ${speed?.decodeTokensPerSecond}), prefill ${server.prefillMs.toFixed(0)} ms, ${server.answerTokens.toFixed(1)} tokens an answer, ${gapMs.toFixed(1)} ms between two inferences;`,
    `beside the lab an answer takes ${beside.toFixed(2)} times as long as the profile has it, seen in the warm-up and predicted with;`,
    `band for a server up to ${(100 * spread).toFixed(0)} % faster or slower than that; others used ${mean.toFixed(0)} % of this machine, ${worst.toFixed(0)} % at worst, in run ${runs}.`,
    `${verdict}${trouble === undefined ? '' : `: ${trouble}`}`,
  ]
}
