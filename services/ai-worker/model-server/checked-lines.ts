import { Transform, type TransformCallback } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** A line of the model server that is not JSON. */
export class NotJson extends Error {
  readonly code = 'BAD_JSON'
}

/** An answer comes in pieces; no piece is that long. Characters. */
const LINE_MAX = 1_048_576

/** Fails at a line that is not JSON: the client library skips those, and an answer loses words. */
export class CheckedLines extends Transform {
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  override _transform(piece: Buffer, _: BufferEncoding, done: TransformCallback): void {
    try {
      const lines = (this.#rest + this.#decoder.write(piece)).split('\n')
      this.#rest = lines.pop() ?? ''
      if (this.#rest.length > LINE_MAX) throw new NotJson(`a line of more than ${LINE_MAX} characters`)
      for (const line of lines) check(line)
      done(null, piece)
    } catch (error) {
      done(error as Error)
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      check(this.#rest + this.#decoder.end())
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}

function check(line: string): void {
  if (line.trim() === '') return
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new NotJson(`a line of ${line.length} characters is not JSON`)
  }
  // The client library would quote anything else in its own error.
  if (typeof value !== 'object' || value === null) throw new NotJson(`a line of ${line.length} characters is not an object`)
}
