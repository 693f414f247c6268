/** Cards by figures that others published, one stream at 4 bits. A figure whose cause nobody knows
 *  is left out (LocalScore on AMD, on RTX 5090, A100 PCIe, H100 SXM and NVL; cards of 8 GB). */

type Point = readonly [billions: number, decodeTokensPerSecond: number, prefillTokensPerSecond: number]

export interface Card {
  memoryGiB: number
  speeds: readonly Point[]
  /** Who measured, and what is not measured. */
  source: string
  /** A figure is assumed. Default false. */
  derived?: boolean
}

const LOCAL_SCORE = 'LocalScore, best of the runs of 2025, mean of nine tests (Q4_K_M)'
/** tg128 and pp512. Vulkan, CUDA, ROCm: discussions 10879, 15013, 15021 of ggml-org/llama.cpp. */
const LLAMA_CPP = (how: string) => `llama-bench, Llama 2 7B Q4_0, ${how}`

export const CARDS: Record<string, Card> = {
  'rtx-3060': {
    memoryGiB: 12,
    speeds: [
      [1, 214, 6_358],
      [8, 53.1, 1_487],
      [14, 29.7, 835],
    ],
    source: LOCAL_SCORE,
  },
  'rtx-3090': {
    memoryGiB: 24,
    speeds: [
      [1, 368, 15_252],
      [8, 113, 3_991],
      [14, 65.1, 2_185],
    ],
    source: LOCAL_SCORE,
  },
  'rtx-4060-ti': {
    memoryGiB: 16,
    speeds: [
      [1, 219, 9_424],
      [8, 49.6, 2_130],
      [14, 27, 1_205],
    ],
    source: LOCAL_SCORE,
  },
  'rtx-4070': {
    memoryGiB: 12,
    speeds: [
      [1, 283, 12_717],
      [8, 76.3, 3_192],
      [14, 42.6, 1_752],
    ],
    source: LOCAL_SCORE,
  },
  'rtx-4080': {
    memoryGiB: 16,
    speeds: [
      [1, 352, 17_958],
      [8, 108, 5_390],
      [14, 52.1, 2_665],
    ],
    source: `1b and 14b: ${LOCAL_SCORE}; 8b: XiongjieDai, llama.cpp of May 2024`,
  },
  'rtx-5090': { memoryGiB: 32, speeds: [[7, 290, 14_073]], source: LLAMA_CPP('CUDA, 8cf6b42') },
  l4: {
    memoryGiB: 24,
    speeds: [
      [1, 190, 8_579],
      [8, 42.9, 2_056],
      [14, 23.6, 1_072],
    ],
    source: LOCAL_SCORE,
  },
  t4: {
    memoryGiB: 16,
    speeds: [
      [7, 46.4, 1_219],
      [14, 13.3, 450],
    ],
    source: `7b: ${LLAMA_CPP('CUDA, d32e03f')}; 14b: ${LOCAL_SCORE}`,
  },
  'a100-80gb': {
    memoryGiB: 80,
    speeds: [
      [1, 308, 15_370],
      [8, 110, 3_571],
      [14, 66.3, 2_069],
    ],
    source: `SXM form: ${LOCAL_SCORE}`,
  },
  'h100-80gb': {
    memoryGiB: 80,
    speeds: [
      [1, 335, 18_590],
      [8, 120, 5_202],
      [14, 72.2, 2_973],
    ],
    source: `PCIe form: ${LOCAL_SCORE}`,
  },
  'rx-7600-xt': {
    memoryGiB: 16,
    speeds: [[7, 48.6, 1_150]],
    source: `${LLAMA_CPP('ROCm 6.4.1, 9c35706')}; no prefill was found: assumed`,
    derived: true,
  },
  'rx-7800-xt': { memoryGiB: 16, speeds: [[7, 101, 2_152]], source: LLAMA_CPP('ROCm, 00131d6') },
  'rx-7900-xt': { memoryGiB: 20, speeds: [[7, 116, 3_098]], source: LLAMA_CPP('ROCm, 1e15bfd') },
  'rx-7900-xtx': { memoryGiB: 24, speeds: [[7, 167, 3_552]], source: LLAMA_CPP('ROCm, 2f0c2db') },
  'arc-b580': { memoryGiB: 12, speeds: [[7, 66.5, 2_336]], source: 'DeepSeek-R1 7B Q4_K_M, IPEX-LLM, ipex-llm issue 12991' },
  'arc-a770': { memoryGiB: 16, speeds: [[7, 52.6, 1_074]], source: `${LLAMA_CPP('Vulkan, a69d54f')}, memory size not stated` },
  'm1-pro': {
    memoryGiB: 16,
    speeds: [
      [1, 80.4, 1_204],
      [8, 22, 205],
      [14, 11.9, 107],
    ],
    source: `16 GPU cores: ${LOCAL_SCORE}`,
  },
  'm3-max': {
    memoryGiB: 48,
    speeds: [
      [1, 150, 3_395],
      [8, 45.6, 591],
    ],
    source: `40 GPU cores: ${LOCAL_SCORE}`,
  },
  'm4-max': {
    memoryGiB: 48,
    speeds: [
      [1, 190, 3_888],
      [8, 54.8, 652],
      [14, 30.8, 343],
    ],
    source: `40 GPU cores: ${LOCAL_SCORE}`,
  },
  'm2-ultra': {
    memoryGiB: 64,
    speeds: [
      [8, 78.8, 994],
      [14, 36.6, 471],
    ],
    source: `76 GPU cores; 8b: XiongjieDai, llama.cpp of May 2024; 14b: ${LOCAL_SCORE}`,
  },
  'ryzen-9-5950x': {
    memoryGiB: 32,
    speeds: [
      [1, 54.7, 690],
      [8, 10.1, 114],
      [14, 5.5, 60],
    ],
    source: `no GPU, 16 cores: ${LOCAL_SCORE}`,
  },
}

/** Total speed by streams, relative to one, as published for an engine; on a line between. */
export const BATCHING_BY_ENGINE = {
  /** Mistral 7B Q4_0, RTX 1000 Ada, OLLAMA_NUM_PARALLEL 1 to 8 (savoirtech, 2025-03). */
  ollama: [1, 1.89, 2.355, 2.82, 2.858, 2.895, 2.933, 2.97],
  /** Qwen2.5-Coder 7B Q8_0, 4,096 tokens of context, GB10 (llama.cpp's benches, 2025-11). */
  'llama.cpp': [1, 1.81, 2.555, 3.3, 3.91, 4.52, 5.13, 5.74],
  /** Llama 3.2 3B FP16, RTX 4080 Laptop (Chimeraforge, report 130, 2026-02). */
  vllm: [1, 1.8, 2.465, 3.13, 3.66, 4.19, 4.72, 5.25],
} as const satisfies Record<string, readonly number[]>
