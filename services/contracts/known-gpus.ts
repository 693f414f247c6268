import { BATCHING_BY_ENGINE, CARDS, type Card } from './gpu-cards.ts'

/** GPUs that can be simulated: data alone, a page in a browser takes it too. Reports say
 *  "simulated, calibrated from …", never "measured on". */

export type Confidence = 'measured here' | 'measured by others' | 'derived' | 'synthetic'

export interface ModelSpeed {
  /** Tokens generated per second by one stream that has the GPU for itself. */
  decodeTokensPerSecond: number
  prefillTokensPerSecond: number
}

export interface GpuProfile {
  name: string
  /** By parameter count in billions, ascending; other sizes are interpolated in 1/size. */
  speeds: Record<number, ModelSpeed>
  /** First-token floor: overhead before any token, drawn uniformly. Milliseconds. */
  floorMs: [low: number, high: number]
  memoryGiB: number
  /** Streams that generate at the same time (OLLAMA_NUM_PARALLEL). */
  slots: number
  /** Total tokens/s by streams, relative to one (index 0). The last value holds beyond. */
  batching: number[]
  /** Model load from disk, GiB per second. */
  loadGiBPerSecond: number
  /** A fixed service time per answer, for exact experiments. Milliseconds at time scale 1. */
  fixedServiceMs?: number
  confidence: Confidence
  source: string
}

const BATCHING = [1, 1.8, 2.5, 3.1, 3.6, 4, 4.3, 4.5]

/** First tokens of short prompts on three cards under Ollama took 79 to 194 ms. */
const FLOOR_MS: GpuProfile['floorMs'] = [60, 190]
/** A 4-bit 7B model took 1.8 to 2.6 s from an SSD. Assumed for all. */
const LOAD_GIB_PER_SECOND = 2

export const GPU_PROFILES: Record<string, GpuProfile> = {
  'rtx-4090': {
    name: 'rtx-4090',
    speeds: {
      1.5: { decodeTokensPerSecond: 300, prefillTokensPerSecond: 15_000 },
      7: { decodeTokensPerSecond: 140, prefillTokensPerSecond: 7_000 },
      8: { decodeTokensPerSecond: 134, prefillTokensPerSecond: 6_700 },
      14: { decodeTokensPerSecond: 81, prefillTokensPerSecond: 3_800 },
    },
    floorMs: [60, 190],
    memoryGiB: 24,
    slots: 1,
    batching: BATCHING,
    loadGiBPerSecond: 3,
    confidence: 'measured by others',
    source: '8b and 14b: llm-speed and LocalScore, 2025; the rest interpolated. Batching curve and load speed: assumed.',
  },
  'rx-7650-gre': {
    name: 'rx-7650-gre',
    speeds: {
      1.5: { decodeTokensPerSecond: 120, prefillTokensPerSecond: 4_000 },
      7: { decodeTokensPerSecond: 40, prefillTokensPerSecond: 1_150 },
      8: { decodeTokensPerSecond: 38, prefillTokensPerSecond: 1_100 },
      // With enough memory; `gpu-timing.ts` slows it for layers that do not fit.
      14: { decodeTokensPerSecond: 22, prefillTokensPerSecond: 630 },
    },
    floorMs: [150, 400],
    memoryGiB: 8,
    slots: 1,
    batching: BATCHING,
    loadGiBPerSecond: 2,
    confidence: 'derived',
    source: 'RX 7600 XT (the same 288 GB/s); no benchmark of the card itself was found. Batching curve and load speed: assumed.',
  },
  ...Object.fromEntries(Object.entries(CARDS).map(([name, card]) => [name, cardProfile(name, card)])),
  'synthetic-fast': synthetic('synthetic-fast', 100),
  'synthetic-slow': synthetic('synthetic-slow', 350),
}

function cardProfile(name: string, { memoryGiB, speeds, source, derived = false }: Card): GpuProfile {
  const points = speeds.map(([billions, decodeTokensPerSecond, prefillTokensPerSecond]): [number, ModelSpeed] => [
    billions,
    { decodeTokensPerSecond, prefillTokensPerSecond },
  ])
  return {
    name,
    speeds: Object.fromEntries(points),
    floorMs: FLOOR_MS,
    memoryGiB,
    slots: 1,
    batching: [...BATCHING_BY_ENGINE.ollama],
    loadGiBPerSecond: LOAD_GIB_PER_SECOND,
    confidence: derived ? 'derived' : 'measured by others',
    source: `${source}. Other sizes: by bandwidth, time goes with size. Batching: Ollama on an RTX 1000 Ada. Overhead and load speed: assumed.`,
  }
}

function synthetic(name: string, fixedServiceMs: number): GpuProfile {
  return {
    name,
    speeds: { 8: { decodeTokensPerSecond: 100, prefillTokensPerSecond: 10_000 } },
    floorMs: [0, 0],
    memoryGiB: 24,
    slots: 1,
    batching: BATCHING,
    loadGiBPerSecond: 1_000,
    fixedServiceMs,
    confidence: 'synthetic',
    source: 'Made up: a fixed service time per answer, exactly 3.5 : 1 between the two.',
  }
}

/** Total speed by streams, relative to one: a value for each slot of the GPU. */
export function slotSpeeds({ slots, batching }: GpuProfile): number[] {
  return Array.from({ length: slots }, (_, i) => batching[i] ?? batching.at(-1) ?? 1)
}
