import { expect, test } from 'vitest'
import { answerDirective } from '#contracts/gpu-timing'
import type { GpuFaults } from '#contracts/http'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import { FaultSwitches } from './faults.ts'
import { type Bench, bench, msBetween, text, thinking, until } from './test-bench.ts'

const PROMPT = `hi ${answerDirective(40)}`
const FAST = { settings: { timeScale: 10 } }
const BODY = { model: 'llama3.1:8b', messages: [{ role: 'user', content: PROMPT }] }

async function lastOutcome(gpu: Bench): Promise<string | undefined> {
  return (await gpu.log()).at(-1)?.outcome
}

test.each([500, 503])('status %i for this number of inferences, then it heals', async status => {
  await using gpu = await bench(FAST)
  await gpu.faults({ status, times: 2 })
  const answers = [await gpu.post('/api/chat', BODY), await gpu.post('/api/chat', BODY), await gpu.post('/api/chat', BODY)]
  expect(answers.map(answer => answer.status)).toEqual([status, status, 200])
  expect(await answers[0]?.json()).toEqual({ error: `simulated fault: status ${status}` })
  await answers[2]?.text()
  expect((await gpu.log()).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'done'])
})

test('a cut in mid-answer, and the slot is free', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ cutAfterTokens: 10, times: 1 })
  const answer = await gpu.post('/api/chat', BODY)
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
  expect((await gpu.log()).at(-1)).toMatchObject({ outcome: 'failed', answerTokens: 10 })
  expect((await gpu.chat('t', PROMPT)).at(-1)).toMatchObject({ done: true })
})

test('a cut before the first token, and one behind the last', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ cutAfterTokens: 0 })
  await expect(gpu.post('/api/chat', BODY)).rejects.toThrow()
  await gpu.faults({ cutAfterTokens: 1_000 })
  await expect((await gpu.post('/api/chat', BODY)).text()).rejects.toThrow()
  expect((await gpu.log()).map(({ answerTokens }) => answerTokens)).toEqual([0, 40])
})

test('silence: the slot is held until the client hangs up', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ hangAfterTokens: 10, times: 1 })
  const stop = new AbortController()
  const answer = await gpu.post('/api/chat', BODY, 'silent', stop.signal)
  const next = gpu.chat('next', PROMPT)
  await until('ten tokens', async () => (await gpu.log()).at(0)?.answerTokens === 10)
  await until('the next waits', async () => (await gpu.log()).at(1)?.outcome === 'waiting')
  stop.abort()
  await expect(answer.text()).rejects.toThrow()
  expect((await next).at(-1)).toMatchObject({ done: true })
  expect((await gpu.log()).map(({ outcome }) => outcome)).toEqual(['aborted', 'done'])
})

test('slow: this number of tokens a second of real time', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ tokensPerSecond: 400 })
  await gpu.chat('t', PROMPT)
  const [entry] = await gpu.log()
  expect(msBetween(entry?.startedAtNs, entry?.endedAtNs)).toBeCloseTo(100, 3)
})

test('a line that is not JSON, amid lines that are', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ badJsonAfterTokens: 10 })
  const lines = (await (await gpu.post('/api/chat', BODY)).text()).trim().split('\n')
  const bad = lines.filter(line => {
    try {
      JSON.parse(line)
      return false
    } catch {
      return true
    }
  })
  expect(bad).toHaveLength(1)
  expect(lines.at(-1)).toContain('"done":true')
})

test('an error in mid-stream is a line under status 200; before the first token and in one piece it is status 500', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ errorAfterTokens: 10 })
  const streamed = await gpu.chat('t', PROMPT)
  expect(streamed.at(-1)).toEqual({ error: 'llama-server process has terminated: CUDA error: out of memory' })
  expect(text(streamed)).not.toBe('')
  expect((await gpu.post('/api/chat', { ...BODY, stream: false })).status).toBe(500)
  await gpu.faults({ errorAfterTokens: 0, error: 'an error was encountered while running the model' })
  const first = await gpu.post('/api/chat', BODY)
  expect([first.status, await first.json()]).toEqual([500, { error: 'an error was encountered while running the model' }])
  expect(await lastOutcome(gpu)).toBe('failed')
})

test('only reasoning, and reasoning inline', async () => {
  await using gpu = await bench({ settings: { timeScale: 10, model: 'deepseek-r1:8b' } })
  await gpu.faults({ reasoning: 'only' })
  const only = await gpu.chat('t', PROMPT)
  expect([text(only), thinking(only) === '']).toEqual(['', false])
  await gpu.faults({ reasoning: 'inline' })
  const inline = await gpu.chat('t', PROMPT)
  expect(text(inline)).toMatch(/^<think>\n[^<]+<\/think>\n\nSimulated answer: /)
  expect(thinking(inline)).toBe('')
})

test('in the article’s design the server is of the article’s time: reasoning stands inline', async () => {
  await using gpu = await bench({ settings: { design: 'article', timeScale: 10, model: 'deepseek-r1:8b' } })
  expect(text(await gpu.chat('t', PROMPT))).toContain('</think>\n\n')
})

test('a poison prompt or task is hit, others are not', async () => {
  await using gpu = await bench(FAST)
  const status = async (task: string, content: string) =>
    (await gpu.post('/api/chat', { ...BODY, stream: false, messages: [{ role: 'user', content }] }, task)).status
  await gpu.faults({ status: 500, onlyPromptsWith: 'POISON' })
  expect([await status('a', 'POISON'), await status('b', 'water')]).toEqual([500, 200])
  await gpu.faults({ status: 500, onlyTask: 'a' })
  expect([await status('a', 'water'), await status('b', 'POISON')]).toEqual([500, 200])
})

test('down: connections are refused, running answers cut; up again on the same port', async () => {
  await using gpu = await bench({ settings: { timeScale: 0.1 } })
  const running = await gpu.post('/api/chat', BODY)
  await gpu.faults({ down: true })
  await expect(running.text()).rejects.toThrow()
  await expect(gpu.post('/api/chat', BODY)).rejects.toThrow()
  expect(await lastOutcome(gpu)).toBe('aborted')
  expect((await gpu.control('/readyz')).status).toBe(503)
  expect(await (await gpu.control('/faults')).json()).toEqual({ down: true })
  expect((await gpu.control('/faults', { method: 'DELETE' })).status).toBe(200)
  expect((await gpu.control('/readyz')).status).toBe(200)
  expect((await fetch(gpu.sim.url)).status).toBe(200)
})

test.each([
  { unknown: 1 },
  { status: 200 },
  { times: 0 },
  { down: true, times: 1 },
  { models: [], onlyTask: 'a' },
  { failure: 'tired' },
  { connection: 'silent', status: 500 },
  { error: 'nowhere to say it' },
  { retryAfterSeconds: 1 },
  'no JSON',
])('%j is refused and changes nothing', async wanted => {
  await using gpu = await bench(FAST)
  await gpu.faults({ status: 503 })
  const answer = await gpu.control('/faults', { method: 'PUT', body: typeof wanted === 'string' ? wanted : JSON.stringify(wanted) })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: { code: 'BAD_FAULTS' } })
  expect(await (await gpu.control('/faults')).json()).toEqual({ status: 503 })
})

test('`times` can be read back, and only requests that are hit use it up', () => {
  const switches = new FaultSwitches()
  const faults: GpuFaults = { status: 500, times: 2, onlyTask: 'a' }
  switches.replace(faults)
  expect(switches.take('b', '')).toEqual({})
  expect(switches.take('a', '')).toEqual(faults)
  expect(switches.current).toEqual({ ...faults, times: 1 })
  switches.take('a', '')
  expect(switches.current).toEqual({})
})

test('probes are hit and counted as any request, and stand in no log of tasks', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ status: 500, times: 3 })
  const probe = () =>
    gpu.post('/api/chat', { ...BODY, options: { num_predict: 1 } }, undefined, undefined, { [INFERENCE_HEADERS.probe]: '1' })
  expect([(await probe()).status, (await probe()).status]).toEqual([500, 500])
  expect((await gpu.post('/api/chat', BODY, 't')).status).toBe(500)
  const healed = await probe()
  expect([healed.status, (await healed.text()).includes('"done":true')]).toEqual([200, true])
  expect((await gpu.log()).map(({ task }) => task)).toEqual(['t'])
  const wide = (await (await gpu.control('/inferences?probes=true')).json()) as { inferences: { task: string }[]; next: number }
  expect([wide.inferences.map(({ task }) => task), wide.next]).toEqual([['', '', 't', ''], 3])
  expect(await (await gpu.control('/metrics')).text()).toMatch(/gpu_inferences_total\{outcome="failed",part="gpu-test"\} 1/)
})
