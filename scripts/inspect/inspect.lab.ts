import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request as requestHttp } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { answerDirective } from '#contracts/gpu-timing'
import { EXIT } from '#contracts/parts'
import { type Lab, startLab, until } from '#lab'
import { inspected } from '../../scenarios/inspect/findings.ts'
import { REQUESTS_MAX } from '../../scenarios/inspect/management.ts'
import { PlantedFaults } from '../../scenarios/inspect/planted-faults.ts'
import { readBroker } from '../../scenarios/inspect/read.ts'

/** A look at a broker of our own: at one with planted faults, and at the sound lab under load. */

const passwordOf = (lab: Lab) => new URL(lab.serverUrls('lab').amqp).password

const look = async (lab: Lab, user = 'lab') => {
  const url = new URL(lab.url('rabbitmq', 'management'))
  return inspected(await readBroker({ url, user, password: passwordOf(lab) }, AbortSignal.timeout(20_000)))
}

/** Passes everything on, and writes down what. */
async function recordingProxy(to: string): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const onward = requestHttp(new URL(request.url ?? '', to), { method: request.method, headers: request.headers }, answer => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { address: `http://lab@127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function command(password: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'inspect.ts'), ...args], {
    env: { ...process.env, INSPECT_PASSWORD: password, NO_COLOR: '1' },
    stdio: 'pipe',
  })
  const [out, errors] = [text(child.stdout), text(child.stderr)]
  const [code] = (await once(child, 'exit')) as [number]
  return { code, out: await out, errors: await errors }
}

/** Those that need half a minute of history, or an hour of held tasks, are judged as recorded. */
const SOON = [
  ...['unlimited-prefetch', 'hoarding', 'requeue-loop', 'growing', 'no-consumers', 'unroutable', 'global-prefetch', 'scaler-blind'],
  ...['one-connection', 'no-heartbeat', 'automatic-ack', 'no-delivery-limit', 'no-dead-letter', 'dead-letter-nowhere'],
  ...['length-drops', 'ttl-drops', 'transient-queue', 'transient-messages'],
]

test('planted faults are named; GET alone goes out, and the password nowhere', async () => {
  await using lab = await startLab({ management: true, imNodes: [], gpus: [], workers: [] })
  await using _ = await PlantedFaults.plant(lab.serverUrls('lab').amqp)
  await until('every fault is named', async () => new Set((await look(lab)).findings.map(({ code }) => code)), {
    is: codes => SOON.every(code => codes.has(code as never)),
    withinMs: 90_000,
    everyMs: 1_000,
  })

  const { address, asked } = await recordingProxy(lab.url('rabbitmq', 'management'))
  const { code, out, errors } = await command(passwordOf(lab), address)
  expect(code).toBe(EXIT.failed)
  expect(out).toContain('pernosco takes without limit')
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.length).toBeLessThanOrEqual(REQUESTS_MAX)
  expect(asked.filter(line => !line.startsWith('GET /api/'))).toEqual([])
  expect(out + errors).not.toContain(passwordOf(lab))

  const wrong = await command('wrong', address)
  expect(wrong).toMatchObject({ code: EXIT.environment, out: '' })
  expect(wrong.errors).toMatch(/^BROKER_DENIED/)
})

test('on the sound lab under load nothing is found', async () => {
  await using lab = await startLab({ management: true, settings: { timeScale: 20, gpuColdLoad: false } })
  const askers = await Promise.all(Array.from({ length: 8 }, (_, i) => lab.client(`asker${i}`, { nodes: [i % 2 === 0 ? 'im-a' : 'im-b'] })))
  let answers = 0
  const ending = new AbortController()
  // Closed loops of prompts of a quarter and 0.6 s: both cards are busy, and some wait.
  const asking = askers.map(async asker => {
    while (!ending.signal.aborted) {
      const answer = await asker.ask(`what is a queue? ${answerDirective(100)}`)
      if (answer.state === 'answered') answers += 1
    }
  })
  // Two histories of ten seconds.
  await until('the broker has rates of both workers', async () => (await look(lab)).queues, {
    is: queues =>
      queues.some(
        ({ queue, consumers }) =>
          queue.name === 'bot.tasks' && consumers.length === 2 && consumers.every(one => (one.acksPerSecond ?? 0) > 0),
      ),
    withinMs: 60_000,
    everyMs: 1_000,
  })
  const { findings, verdict, snapshot } = await look(lab)
  ending.abort()
  await Promise.all(asking)
  expect(answers).toBeGreaterThan(10)
  expect(findings).toEqual([])
  expect({ verdict, unseen: snapshot.unseen }).toEqual({ verdict: 'nothing-found', unseen: [] })
})
