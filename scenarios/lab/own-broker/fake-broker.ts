import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'

/** Any AMQP 0-9-1 server, as far as a handshake: it introduces itself with these properties. */

const [METHOD, END] = [1, 0xce]
const text = (value: string) => Buffer.concat([uint32(value.length), Buffer.from(value)])
const short = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A method of the class `connection`, on channel 0. */
function frame(method: number, fields: Buffer): Buffer {
  const payload = Buffer.concat([Buffer.from([0, 10, 0, method]), fields])
  return Buffer.concat([Buffer.from([METHOD, 0, 0]), uint32(payload.length), payload, Buffer.from([END])])
}

const START = (properties: Record<string, string>) => {
  const table = Buffer.concat(Object.entries(properties).map(([key, value]) => Buffer.concat([short(key), Buffer.from('S'), text(value)])))
  return frame(10, Buffer.concat([Buffer.from([0, 9]), uint32(table.length), table, text('PLAIN'), text('en_US')]))
}
const TUNE = frame(30, Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]))
const OPEN_OK = frame(41, short(''))
const CLOSE_OK = frame(51, Buffer.alloc(0))
/** By the client's method: what it hears. */
const ANSWERS: Readonly<Record<number, Buffer>> = { 11: TUNE, 40: OPEN_OK, 50: CLOSE_OK }
const HEAD_BYTES = 7
const METHOD_AT = 10

export interface FakeBroker extends AsyncDisposable {
  amqp: number
  management: number
}

/** @param api answers of its management API by path; others are 404 */
export async function fakeBroker(properties: Record<string, string>, api: Readonly<Record<string, unknown>>): Promise<FakeBroker> {
  const amqp = createServer(socket => {
    let got = Buffer.alloc(0)
    let greeted = false
    socket
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        got = Buffer.concat([got, chunk])
        if (!greeted && got.length >= 8) {
          greeted = true
          got = got.subarray(8)
          socket.write(START(properties))
        }
        while (greeted && got.length > HEAD_BYTES && got.length >= HEAD_BYTES + got.readUInt32BE(3) + 1) {
          const answer = got[0] === METHOD ? ANSWERS[got[METHOD_AT] ?? 0] : undefined
          got = got.subarray(HEAD_BYTES + got.readUInt32BE(3) + 1)
          if (answer !== undefined) socket.write(answer)
        }
      })
  }).listen(0, '127.0.0.1')
  const http = createHttp((request, response) => {
    const body = api[(request.url ?? '').replace(/^\/api\//, '').replace(/\?.*/, '')]
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? {}))
  }).listen(0, '127.0.0.1')
  await Promise.all([once(amqp, 'listening'), once(http, 'listening')])
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port
  return {
    amqp: portOf(amqp),
    management: portOf(http),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await Promise.all([amqp, http].map(server => new Promise(resolve => server.close(resolve))))
    },
  }
}
