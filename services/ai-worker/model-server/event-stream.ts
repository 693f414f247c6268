import { StringDecoder } from 'node:string_decoder'
import { NotJson } from './checked-lines.ts'

/** Longest event: an answer comes in pieces. Characters. */
const EVENT_MAX = 1_048_576

/** The data of each server-sent event, as servers write them and not only as the standard has it.
 *  https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
export async function* eventsOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string, void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let event: string | undefined
  for await (const piece of pieces) {
    const lines = (rest + decoder.write(piece)).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '' && isData(event)) yield event
      event = line === '' ? undefined : withLine(event, line)
    }
    if (rest.length + (event ?? '').length > EVENT_MAX) throw new NotJson(`an event of more than ${EVENT_MAX} characters`)
  }
  // The last one may lack its blank line.
  event = withLine(event, rest + decoder.end())
  if (isData(event)) yield event
}

/** A comment that a gateway made data of (mnfst/llm-gateway#2053) is still no data. */
const isData = (event: string | undefined): event is string => event !== undefined && event !== '' && !event.startsWith(':')

/** Comments keep a connection alive, an empty one too (coder/coder#28185). */
function withLine(event: string | undefined, line: string): string | undefined {
  const data = dataOf(line)
  return event === undefined || data === undefined ? (data ?? event) : `${event}\n${data}`
}

function dataOf(line: string): string | undefined {
  const [, field, value = ''] = /^(\w+): ?(.*)$/s.exec(line) ?? []
  if (field === 'data') return value
  // llama.cpp's server until September 2025 (llama.cpp#16104).
  if (field === 'error') return `{"error":${value}}`
  // No stream at all: a whole answer or an error under status 200.
  return line.startsWith('{') ? line : undefined
}
