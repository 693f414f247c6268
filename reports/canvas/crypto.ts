import { sha256 } from '@noble/hashes/sha2.js'

/** In the browser in place of `node:crypto`: as much as the predictor's draws use. */
export function createHash(_algorithm: 'sha256') {
  return {
    update: (text: string) => ({
      digest: () => {
        const bytes = sha256(new TextEncoder().encode(text))
        return {
          readUIntBE: (from: number, count: number) => bytes.slice(from, from + count).reduce((value, byte) => 256 * value + byte, 0),
        }
      },
    }),
  }
}
