import type { RequestHeaders } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'

/** What a worker needs of a model server, in whichever API: `ollama-api.ts`, `openai-api.ts`. */
export interface ModelApi {
  /** One streamed answer, piece by piece; the last one has `ending`. Throws if it breaks off. */
  chat(asked: Asked, settings: Settings, onPiece: (piece: Piece) => void): Promise<void>
  /** Whether the model lies in the GPU's memory; undefined where the server does not say. */
  loaded(signal: AbortSignal): Promise<boolean | undefined>
  /** Whether the server keeps reasoning out of the content; false where it does not say. */
  standsApart(signal: AbortSignal): Promise<boolean>
}

export interface ModelAddress {
  url: string
  /** Secret. */
  headers: RequestHeaders
}

export interface Asked {
  prompt: string
  /** Beside those of the address. */
  headers: Record<string, string>
  /** Ends request and answer; the server sees the hang-up. */
  signal: AbortSignal
  /** The last byte, without which no server can begin, follows once this is true. */
  go?: Promise<boolean> | undefined
}

export interface Piece {
  content: string
  /** Reasoning that came in a field of its own. */
  reasoning: string
  ending?: Ending
}

export interface Ending {
  /** `length`: cut by the token cap. */
  reason: string
  /** Of the answer, reasoning included; 0 where the server does not count. */
  tokens: number
  promptTokens: number | undefined
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
