// For tests: makes one mistake in the template, `node --import THIS templates/node/worker.mjs`.
import { execFileSync } from 'node:child_process'
import amqplib from 'amqplib'

const MISTAKES = {
  'ack-before-work': channel => {
    const consume = channel.consume.bind(channel)
    const ack = channel.ack.bind(channel)
    channel.consume = (queue, work, options) =>
      consume(
        queue,
        message => {
          if (message !== null) ack(message)
          return work(message)
        },
        options,
      )
    channel.ack = () => {}
    channel.reject = () => {}
  },
  'prefetch-unlimited': channel => {
    channel.prefetch = async () => {}
  },
  'requeue-loop': channel => {
    channel.reject = message => channel.nack(message, false, true)
  },
  'ack-on-new-channel': (channel, connection) => {
    channel.ack = async message => {
      const other = await connection.createChannel()
      other.on('error', error => console.error(error.message))
      other.ack(message)
    }
  },
}

const { connect } = amqplib
let connections = 0
amqplib.connect = async (...given) => {
  connections += 1
  if (process.env.MISTAKE === 'no-reconnect' && connections > 1) {
    setInterval(() => {}, 1_000)
    return new Promise(() => {})
  }
  const connection = await connect(...given)
  const create = connection.createConfirmChannel.bind(connection)
  connection.createConfirmChannel = async () => {
    const channel = await create()
    MISTAKES[process.env.MISTAKE]?.(channel, connection)
    return channel
  }
  return connection
}

if (process.env.MISTAKE === 'blocks-heartbeat') {
  const ask = "const [u, b] = process.argv.slice(1); fetch(u, { method: 'POST', body: b }).then(r => r.text()).then(t => console.log(t))"
  globalThis.fetch = async (url, { body }) => new Response(execFileSync(process.execPath, ['-e', ask, String(url), body]))
}
