/** The obvious durable chat: one INSERT and one confirmed publish for each message. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'amqplib'
import pg from 'pg'
import { databaseOptions } from '#contracts/database'
import { messageFrame, SmallNode } from './chat.ts'
import { answerCalls, peerArguments } from './process.ts'

const EXCHANGE = 'peer.fanout'
/** The pool's size that pg has by default. */
const SESSIONS = 10

const { name, amqp, database } = peerArguments()
const sql = (file: string) => readFile(join(import.meta.dirname, file), 'utf8')
const text = await sql('plain-insert.sql')
const pool = new pg.Pool({ ...databaseOptions(database), max: SESSIONS })
if (name === 'a') await pool.query(await sql('plain.sql'))

// Without it small frames wait 40 ms for an acknowledgement.
const connection = await connect(amqp, { noDelay: true })
const publishing = await connection.createConfirmChannel()
await publishing.assertExchange(EXCHANGE, 'fanout', { durable: true })

const node = new SmallNode(async (sender, frame, socket) => {
  const { clientMessageId, to, body } = frame
  await pool.query({ name: 'insert', text, values: [clientMessageId, sender, to, body] })
  publishing.publish(EXCHANGE, '', Buffer.from(`${to} ${messageFrame(sender, frame)}`), {}, error => {
    if (error === null) socket.send(JSON.stringify({ type: 'stored', clientMessageId }))
  })
})

const consuming = await connection.createChannel()
const { queue } = await consuming.assertQueue('', { exclusive: true })
await consuming.bindQueue(queue, EXCHANGE, '')
await consuming.consume(
  queue,
  message => {
    if (message === null) return
    const line = message.content.toString()
    const end = line.indexOf(' ')
    node.deliver(line.slice(0, end), line.slice(end + 1))
  },
  { noAck: true },
)
answerCalls(() => null)
