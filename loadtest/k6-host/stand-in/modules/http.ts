import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

interface Answer {
  status: number
  body: string | null
  error?: string
}

const ASKER = `
const { workerData: { port, answered } } = require('node:worker_threads')
port.on('message', async ({ url, body, headers }) => {
  const answer = await fetch(url, { method: 'POST', body, headers })
    .then(async response => ({ status: response.status, body: await response.text() }))
    .catch(error => ({ status: 0, body: null, error: String(error.cause ?? error) }))
  port.postMessage(answer)
  Atomics.store(answered, 0, 1)
  Atomics.notify(answered, 0)
})`

const { port1, port2 } = new MessageChannel()
const answered = new Int32Array(new SharedArrayBuffer(4))
new Worker(ASKER, { eval: true, workerData: { port: port2, answered }, transferList: [port2] }).unref()
port1.unref()

/** k6's requests hold the VU up until they are answered; Node's cannot, so another thread asks. */
function post(url: string, body: string, { headers }: { headers: Record<string, string> }) {
  Atomics.store(answered, 0, 0)
  port1.postMessage({ url, body, headers })
  Atomics.wait(answered, 0, 0)
  const answer = receiveMessageOnPort(port1)?.message as Answer
  return { ...answer, json: (key: string) => (JSON.parse(answer.body ?? '{}') as Record<string, unknown>)[key] }
}

export default { post }
