/** Client message ids in the form of UUID version 7, so they sort by time; their last 12 digits
 *  number the messages of a run, so an answer is found without a table of names. */

export const ID_LENGTH = 36
/** Digits of the number, which a reader needs: 8 hexadecimal ones are enough. */
const NUMBER_DIGITS = 8
const DIGITS = Buffer.from('0123456789abcdef')
const VALUES = new Uint8Array(256)
for (const [value, code] of DIGITS.entries()) VALUES[code] = value

let stampMs = 0
const head = Buffer.from('00000000-0000-7000-8000-0000')

/** Writes the id of a message at a place of its frame. */
export function writeId(into: Uint8Array, at: number, number: number, nowMs: number): void {
  if (nowMs !== stampMs) {
    stampMs = nowMs
    const hex = nowMs.toString(16).padStart(12, '0')
    head.write(`${hex.slice(0, 8)}-${hex.slice(8)}`, 0, 'latin1')
  }
  into.set(head, at)
  const end = at + ID_LENGTH
  for (let i = 1; i <= NUMBER_DIGITS; i += 1) into[end - i] = DIGITS[(number >>> (4 * (i - 1))) & 0xf]!
}

/** The number of a message, from the place where its id begins. */
export function numberOf(chunk: Uint8Array, at: number): number {
  let number = 0
  for (let i = at + ID_LENGTH - NUMBER_DIGITS; i < at + ID_LENGTH; i += 1) number = (number << 4) | VALUES[chunk[i]!]!
  return number >>> 0
}
