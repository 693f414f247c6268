/** The ceiling here: two nodes with one TCP connection between them, no broker and no database. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { messageFrame, SmallNode } from './chat.ts'
import { answerCalls, tell } from './process.ts'

let other: Socket | undefined
let turn: string[] = []

function flush(): void {
  other?.write(turn.join(''))
  turn = []
}

const node = new SmallNode((sender, frame) => {
  const text = messageFrame(sender, frame)
  if (node.deliver(frame.to, text)) return
  turn.push(`${frame.to} ${text}\n`)
  if (turn.length === 1) setImmediate(flush)
})

function join(socket: Socket): void {
  socket.setNoDelay(true)
  other = socket
  createInterface({ input: socket }).on('line', line => {
    const end = line.indexOf(' ')
    node.deliver(line.slice(0, end), line.slice(end + 1))
  })
}

const server = createServer(join).listen(0, '127.0.0.1', () => tell({ link: (server.address() as AddressInfo).port }))
answerCalls(({ link }) => {
  if (typeof link === 'number') join(connect({ port: link, host: '127.0.0.1' }))
  return null
})
