/** One-dimensional arrays in Postgres' binary form, which `pg` sends as they are. Its own way is a
 *  text with each element quoted, which both sides have to scan. Element ids: `pg_type.dat`. */
const UUID = 2950
const TEXT = 25
const INT4 = 23
const HEAD_BYTES = 20
const UUID_BYTES = 16
const INT_BYTES = 4

function arrayOf(elementType: number, count: number, elementBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + count * INT_BYTES + elementBytes)
  bytes.writeInt32BE(count === 0 ? 0 : 1, 0) // Dimensions.
  bytes.writeInt32BE(0, 4) // No nulls.
  bytes.writeInt32BE(elementType, 8)
  bytes.writeInt32BE(count, 12)
  bytes.writeInt32BE(1, 16) // The first index.
  return count === 0 ? bytes.subarray(0, 12) : bytes
}

export function uuidArray(ids: readonly string[]): Buffer {
  const bytes = arrayOf(UUID, ids.length, ids.length * UUID_BYTES)
  let at = HEAD_BYTES
  for (const id of ids) {
    at = bytes.writeInt32BE(UUID_BYTES, at)
    if (bytes.write(id.replaceAll('-', ''), at, 'hex') !== UUID_BYTES) throw new Error(`not a UUID: ${id}`)
    at += UUID_BYTES
  }
  return bytes
}

export function textArray(texts: readonly string[]): Buffer {
  const lengths = texts.map(text => Buffer.byteLength(text))
  const bytes = arrayOf(
    TEXT,
    texts.length,
    lengths.reduce((sum, length) => sum + length, 0),
  )
  let at = HEAD_BYTES
  for (const [i, text] of texts.entries()) {
    at = bytes.writeInt32BE(lengths[i]!, at)
    at += bytes.write(text, at)
  }
  return bytes
}

export function intArray(numbers: readonly number[]): Buffer {
  const bytes = arrayOf(INT4, numbers.length, numbers.length * INT_BYTES)
  let at = HEAD_BYTES
  for (const number of numbers) at = bytes.writeInt32BE(number, bytes.writeInt32BE(INT_BYTES, at))
  return bytes
}
