import { expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { answerDirective } from '#contracts/gpu-timing'
import { bench, msBetween, text, thinking, until } from './test-bench.ts'

/** Thinking, context, loading, and differences by generation. */

const FAST = { timeScale: 100 }
const long = (tokens: number, answer = 20) => `${answerDirective(answer)} ${'x'.repeat(4 * tokens)}`.slice(0, 4 * tokens)
const refusalOf = async (answer: Response) => [answer.status, ((await answer.json()) as { error: string }).error]

test.each([
  ['deepseek-r1:8b', undefined, true],
  ['deepseek-r1:8b', 'low', true],
  ['deepseek-r1:8b', false, false],
  ['gpt-oss:20b', false, true],
  ['qwen3:4b-thinking', false, true],
  ['llama3.1:8b', undefined, false],
  ['llama3.1:8b', false, false],
] as const)('%s with think %j thinks: %j', async (model, think, thinks) => {
  await using gpu = await bench({ settings: { ...FAST, model } })
  const lines = await gpu.chat('t', 'Why?', think === undefined ? {} : { think })
  expect(thinking(lines) !== '').toBe(thinks)
  expect(text(lines)).toMatch(/^Simulated answer/)
})

test('think is refused where a model or a generation does not know it', async () => {
  await using gpu = await bench({ settings: FAST })
  const ask = (more: object) => gpu.post('/api/chat', { model: 'llama3.1:8b', messages: [{ role: 'user', content: 'Why?' }], ...more })
  expect(await refusalOf(await ask({ think: 'high' }))).toEqual([400, '"llama3.1:8b" does not support thinking'])
  expect(await refusalOf(await ask({ think: 'loud' }))).toEqual([400, expect.stringContaining('invalid think value: "loud"')])
})

test('a server older than `think` has reasoning in the content, and does not list it', async () => {
  await using gpu = await bench({ settings: { ...FAST, gpuServer: '0.8', model: 'deepseek-r1:8b' } })
  const lines = await gpu.chat('t', 'Why?', { think: false })
  expect([thinking(lines), text(lines).startsWith('<think>\n'), text(lines).includes('\n</think>\n\nSim')]).toEqual(['', true, true])
  expect(await (await gpu.post('/api/show', { model: 'deepseek-r1:8b' })).json()).toMatchObject({ capabilities: ['completion'] })
})

test.each(['0.32', '0.17', '0.8'] as const)('generation %s reports its version', async gpuServer => {
  await using gpu = await bench({ settings: { ...FAST, gpuServer } })
  const { version } = (await (await fetch(`${gpu.sim.url}/api/version`)).json()) as { version: string }
  expect(version).toMatch(new RegExp(`^${gpuServer}\\.\\d+$`))
  expect(await (await gpu.control('/profile')).json()).toMatchObject({ server: version })
})

test.each([
  ['0.32', 2_050],
  ['0.17', 4_096],
] as const)('a prompt beyond the context is cut in silence: %s reads %i tokens of it', async (gpuServer, tokens) => {
  await using gpu = await bench({ settings: { ...FAST, gpuServer, gpuProfile: 'rx-7650-gre' } })
  expect((await gpu.chat('long', long(4_500))).at(-1)).toMatchObject({ done: true, prompt_eval_count: tokens })
  expect((await gpu.log())[0]).toMatchObject({ promptTokens: tokens, outcome: 'done' })
  expect((await gpu.chat('fits', long(4_000))).at(-1)?.prompt_eval_count).toBe(4_000)
  expect((await gpu.chat('more', long(4_500), { options: { num_ctx: 8_192 } })).at(-1)?.prompt_eval_count).toBe(4_500)
})

test.each([
  ['a model with the template of its maker', 'hf.co/unsloth/Llama-3.1-8B-GGUF:Q4_K_M', {}],
  ['a switch', 'llama3.1:8b', { longPrompt: 'refuse' }],
] as const)('or it is refused by %s, and the answer ends with the context', async (_why, model, faults) => {
  await using gpu = await bench({ settings: { ...FAST, model } })
  await gpu.faults(faults)
  const options = { num_ctx: 100 }
  const refused = await gpu.post('/api/chat', { model, messages: [{ role: 'user', content: long(101) }], options })
  const [status, error] = await refusalOf(refused)
  expect([status, JSON.parse(String(error))]).toMatchObject([400, { error: { n_prompt_tokens: 101, n_ctx: 100 } }])
  expect((await gpu.log())[0]?.outcome).toBe('failed')
  const last = (await gpu.chat('t', long(60, 500), { options })).at(-1)
  expect(last).toMatchObject({ prompt_eval_count: 60, eval_count: 40, done_reason: 'length' })
})

test('with context shift an answer runs past the context, up to ten times its length', async () => {
  await using gpu = await bench({ settings: FAST })
  const of = async (tokens: number) => (await gpu.chat('t', answerDirective(tokens), { options: { num_ctx: 100 } })).at(-1)
  expect(await of(500)).toMatchObject({ eval_count: 500, done_reason: 'stop' })
  expect(await of(5_000)).toMatchObject({ eval_count: 1_000, done_reason: 'length' })
})

const SLOW_LOAD = { settings: { ...FAST, gpuColdLoad: true }, profile: { ...gpuProfile('synthetic-fast'), loadGiBPerSecond: 0.001 } }

test('a hang-up while the model loads ends the load; the next request restarts it', async () => {
  await using gpu = await bench(SLOW_LOAD)
  await gpu.faults({ loadMs: 300 })
  const stop = new AbortController()
  const first = gpu.post('/api/chat', { model: 'llama3.1:8b', messages: [{ role: 'user', content: 'hi' }] }, 'first', stop.signal)
  await until('the first loads', async () => (await gpu.log())[0]?.outcome === 'running')
  const second = gpu.chat('second', 'hi')
  await until('the second waits', async () => (await gpu.log())[1]?.outcome === 'waiting')
  stop.abort()
  await expect(first).rejects.toThrow()
  const last = (await second).at(-1)
  const [aborted, done] = await gpu.log()
  expect([aborted?.outcome, done?.outcome]).toEqual(['aborted', 'done'])
  // The whole load again from the hang-up; the second's wait before counts as loading too.
  expect(msBetween(aborted?.endedAtNs, done?.firstTokenAtNs)).toBeGreaterThanOrEqual(300)
  const loadMs = (last?.load_duration ?? 0) / 1e6
  expect(loadMs).toBeGreaterThan(300)
  expect(loadMs).toBeLessThanOrEqual(300 + msBetween(done?.receivedAtNs, aborted?.endedAtNs) + 0.001)
})

test.each([
  ['0.32', []],
  ['0.17', ['llama3.1:8b']],
] as const)('while a model loads, /api/ps of %s lists %j', async (gpuServer, listed) => {
  await using gpu = await bench({ ...SLOW_LOAD, settings: { ...SLOW_LOAD.settings, gpuServer } })
  const stop = new AbortController()
  const loading = gpu.post('/api/chat', { model: 'llama3.1:8b', messages: [{ role: 'user', content: 'hi' }] }, 't', stop.signal)
  await until('it loads', async () => (await gpu.log())[0]?.outcome === 'running')
  const { models } = (await (await fetch(`${gpu.sim.url}/api/ps`)).json()) as { models: { name: string }[] }
  expect(models.map(({ name }) => name)).toEqual(listed)
  stop.abort()
  await expect(loading).rejects.toThrow()
})

test('another num_ctx reloads the model, the same does not', async () => {
  await using gpu = await bench({ settings: FAST })
  const loadMs = async (more: object) => ((await gpu.chat('t', 'hi', more)).at(-1)?.load_duration ?? 0) / 1e6
  await gpu.chat('warm', 'hi')
  await gpu.faults({ loadMs: 40 })
  expect(await loadMs({})).toBeCloseTo(40, 3) // The switch unloads what is idle.
  expect(await loadMs({})).toBe(0)
  expect(await loadMs({ options: { num_ctx: 8_192 } })).toBeCloseTo(40, 3)
  const { models } = (await (await fetch(`${gpu.sim.url}/api/ps`)).json()) as { models: { context_length: number }[] }
  expect(models).toMatchObject([{ context_length: 8_192 }])
  expect(await loadMs({ options: { num_ctx: 8_192 } })).toBe(0)
})

test('a full queue before a loading model refuses at once, also by switch', async () => {
  await using gpu = await bench(SLOW_LOAD)
  await gpu.faults({ queueMax: 0 })
  const stop = new AbortController()
  const ask = () => gpu.post('/api/chat', { model: 'llama3.1:8b', messages: [{ role: 'user', content: 'hi' }] }, 't', stop.signal)
  expect(await refusalOf(await ask())).toEqual([503, 'server busy, please try again.  maximum pending requests exceeded'])
  await gpu.faults({ queueMax: 1 })
  const loading = ask()
  await until('it loads', async () => (await gpu.log()).some(({ outcome }) => outcome === 'running'))
  stop.abort()
  await expect(loading).rejects.toThrow()
})
