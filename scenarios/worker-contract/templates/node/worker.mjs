// A worker in Node with amqplib: takes tasks, asks the model server, publishes answers.
// It survives what the scenario `worker-contract` does to it; README.md says what each rule is for.
import amqplib from 'amqplib'

const { AMQP_URL, TASK_QUEUE, ANSWER_QUEUE, MODEL_URL, MODEL, PREFETCH } = process.env
const RECONNECT_MS = 500
const BUSY_MS = 1_000
const GRACE_MS = 8_000

let stopping = false
let running = 0
/** Ends the connection that there is, when its tasks are done. */
let finish = async () => {}
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Asks until the model server has time. A task must not pay for a server that is busy or away. */
async function answer(prompt, isOurs) {
  while (isOurs()) {
    let response
    try {
      response = await fetch(`${MODEL_URL}/api/chat`, {
        method: 'POST',
        body: JSON.stringify({ model: MODEL, stream: false, messages: [{ role: 'user', content: prompt }] }),
      })
    } catch (error) {
      console.error(`the model server is away: ${error.cause?.code ?? error.message}`)
      await sleep(BUSY_MS)
      continue
    }
    if (response.ok) return (await response.json()).message.content
    await response.body?.cancel()
    if (response.status !== 429 && response.status !== 503) throw new Error(`the model server says ${response.status}`)
    console.error(`the model server is busy: ${response.status}`)
    await sleep(1_000 * Number(response.headers.get('retry-after') ?? BUSY_MS / 1_000))
  }
  return undefined
}

/** One connection, from its beginning to its end. */
async function work() {
  const connection = await amqplib.connect(AMQP_URL)
  const over = new Promise(resolve => connection.once('close', resolve))
  connection.on('error', error => console.error(`connection: ${error.message}`))
  // Answers are confirmed on this channel; tasks are settled on the one that delivered them.
  const channel = await connection.createConfirmChannel()
  channel.on('error', error => console.error(`channel: ${error.message}`))
  let open = true
  channel.once('close', () => {
    open = false
    connection.close().catch(() => {})
  })
  const isOurs = () => open && !stopping

  async function onTask(message) {
    if (message === null) return connection.close().catch(() => {})
    running += 1
    try {
      const { id, prompt } = JSON.parse(message.content.toString())
      const text = await answer(prompt, isOurs)
      if (text === undefined || !open) return // It goes back when the channel closes.
      channel.sendToQueue(ANSWER_QUEUE, Buffer.from(JSON.stringify({ task: id, text })), { persistent: true, messageId: id })
      await channel.waitForConfirms()
      channel.ack(message)
    } catch (error) {
      console.error(`task failed: ${error.message}`)
      // Reject counts towards the delivery limit on every RabbitMQ; nack does not on 4.3.
      if (open) channel.reject(message, true)
    } finally {
      running -= 1
    }
  }

  await channel.prefetch(Number(PREFETCH))
  const { consumerTag } = await channel.consume(TASK_QUEUE, onTask)
  console.log(`consuming from ${TASK_QUEUE}`)
  finish = async () => {
    await channel.cancel(consumerTag)
    const untilMs = Date.now() + GRACE_MS
    while (running > 0 && Date.now() < untilMs) await sleep(20)
    await connection.close()
  }
  await over
  finish = async () => {}
}

process.once('SIGTERM', () => {
  stopping = true
  finish().catch(error => console.error(`stopping: ${error.message}`))
})

while (!stopping) {
  try {
    await work()
  } catch (error) {
    console.error(`no connection: ${error.message}`)
  }
  if (!stopping) await sleep(RECONNECT_MS)
}
process.exit(0)
