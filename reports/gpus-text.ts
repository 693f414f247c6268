import type { GpuProfile } from '#contracts/gpu-profiles'
import { modelBillions, modelGiB, modelSpeed } from '#contracts/gpu-timing'
import { tableText } from '../services/terminal/table.ts'
import { wrap } from '../services/terminal/text.ts'

/** The words of `npm run gpus`. */

/** What a card does with a model. */
export interface GpuRow {
  name: string
  memoryGiB: number
  decodeTokensPerSecond: number
  prefillTokensPerSecond: number
  /** The model and its context lie in the card's memory. */
  fits: boolean
  confidence: GpuProfile['confidence']
  /** Someone measured this size; otherwise it is derived from others. */
  measuredSize: boolean
  source: string
}

export function gpuRow(profile: GpuProfile, model: string): GpuRow {
  const { name, memoryGiB, confidence, source, speeds } = profile
  const fits = modelGiB(model) <= memoryGiB
  return { name, memoryGiB, ...modelSpeed(profile, model), fits, confidence, measuredSize: modelBillions(model) in speeds, source }
}

export function gpusText(rows: readonly GpuRow[], model: string, columns: number): string {
  const head = ['card', 'GiB', 'decode', 'prefill', 'of this size', '']
  const cells = rows.map(row => [
    row.name,
    String(row.memoryGiB),
    speed(row.decodeTokensPerSecond),
    speed(row.prefillTokensPerSecond),
    row.confidence === 'synthetic' ? 'made up' : row.measuredSize && row.confidence !== 'derived' ? 'measured' : 'derived',
    row.fits ? '' : 'does not fit: partly on the CPU',
  ])
  return [
    `Tokens per second of one answer, ${model} at 4 bits, by what others measured:`,
    tableText([head, ...cells], { columns }),
    ...wrap(
      '',
      "LocalScore's figures lie below llama-bench's: compare cards of one source. A card with its source: npm run gpus -- rtx-4090. Another model: --model qwen2.5:14b",
      columns,
      0,
    ),
  ].join('\n')
}

/** One card: its speeds by size, and where they are from. */
export function gpuText({ name, confidence, memoryGiB, speeds, slots, batching, source }: GpuProfile, columns: number): string {
  const sizes = Object.entries(speeds)
    .map(([billions, one]) => ({ billions: Number(billions), ...one }))
    .sort((a, b) => a.billions - b.billions)
    .map(one => [`${one.billions}b`, speed(one.decodeTokensPerSecond), speed(one.prefillTokensPerSecond)])
  return [
    `${name}: ${memoryGiB} GiB, ${confidence}`,
    tableText([['model', 'decode', 'prefill'], ...sizes], { columns, figures: true }),
    ...wrap(
      '',
      `${slots === 1 ? 'one answer' : `${slots} answers`} at a time; together, by answers at a time: ${batching.join(', ')} times as fast`,
      columns,
      0,
    ),
    ...wrap('source   ', source, columns, 9),
    `Start one: npm run gpu -- --profile ${name}`,
  ].join('\n')
}

const speed = (perSecond: number) => (perSecond < 100 ? perSecond.toFixed(1) : perSecond.toFixed(0))
