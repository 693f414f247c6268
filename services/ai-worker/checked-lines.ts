/** A line of the model server that is not JSON. */
export class NotJson extends Error {
  readonly code = 'BAD_JSON'
}

/** An answer comes in pieces; no piece is that long. Characters. */
const LINE_MAX = 1_048_576

/** Fails at a line that is not JSON: the client library skips those, and an answer loses words. */
export function checkedLines(): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  let rest = ''
  const check = (line: string) => {
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
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LINE_MAX) throw new NotJson(`a line of more than ${LINE_MAX} characters`)
      for (const line of lines) check(line)
      controller.enqueue(chunk)
    },
    flush: () => check(rest),
  })
}
