import type { RawData } from 'ws'
import { ClientFrame } from '#contracts/frames'
import type { Addressees } from './addressees.ts'

/** The frame, or what is wrong with it. */
export function readFrame(raw: RawData, addressees: Addressees | undefined): ClientFrame | string {
  let json: unknown
  try {
    json = JSON.parse(raw.toString())
  } catch {
    return 'not JSON'
  }
  if (addressees !== undefined && isCommonSend(json, addressees)) return json
  const parsed = ClientFrame.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  return `${issue?.path.join('.') || 'frame'}: ${issue?.message ?? 'not valid'}`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The frame that nodes read most, without the schema: a `send` to somebody whose name the schema
 *  has let pass before. What it accepts, the schema accepts unchanged; all else goes there. */
function isCommonSend(json: unknown, addressees: Addressees): json is Extract<ClientFrame, { type: 'send' }> {
  if (typeof json !== 'object' || json === null) return false
  const { type, clientMessageId, to, body } = json as Record<string, unknown>
  let keys = 0
  for (const _ in json) keys += 1
  return (
    keys === 4 &&
    type === 'send' &&
    typeof to === 'string' &&
    addressees.knows(to) &&
    typeof clientMessageId === 'string' &&
    UUID.test(clientMessageId) &&
    typeof body === 'string' &&
    body.length > 0 &&
    !body.includes('\0')
  )
}
