import { expect, test } from 'vitest'
import { fullModelName } from '#contracts/model-server'
import { catalogue, ModelMemory } from './models.ts'

const CONTEXT = 4_096

const names = (memory: ModelMemory, nowMs: number) => memory.resident(nowMs).map(({ model }) => model)

test('a model loads once, and is unloaded after an idle keep_alive', () => {
  const memory = new ModelMemory(24, () => 100)
  expect(memory.use(0, 'a:8b', 1_000, CONTEXT)).toBe(100)
  expect([memory.ready(99, 'a:8b', CONTEXT), memory.ready(100, 'a:8b', CONTEXT)]).toEqual([false, true])
  expect(memory.use(500, 'a:8b', 1_000, CONTEXT)).toBe(100)
  memory.release(600, 'a:8b')
  expect(names(memory, 9_000)).toEqual(['a:8b'])
  memory.release(10_000, 'a:8b')
  expect([names(memory, 10_999), names(memory, 11_000)]).toEqual([['a:8b'], []])
  expect(memory.use(12_000, 'a:8b', -1, CONTEXT)).toBe(12_100)
  memory.release(12_200, 'a:8b')
  expect(memory.resident(1e12)).toEqual([{ model: 'a:8b', contextTokens: CONTEXT, loaded: true, expiresAtMs: Number.POSITIVE_INFINITY }])
  memory.unload(1e12, 'a:8b')
  expect(names(memory, 1e12)).toEqual([])
})

test('idle models give way to one that does not fit beside them, those in use are waited for', () => {
  const memory = new ModelMemory(12, () => 100) // 8b takes 5.8 GiB, 14b takes 9.4.
  expect(memory.use(0, 'a:8b', 1_000, CONTEXT)).toBe(100)
  expect(memory.use(0, 'b:8b', 1_000, CONTEXT)).toBe(100)
  expect(memory.use(200, 'c:14b', 1_000, CONTEXT)).toBeUndefined()
  memory.release(300, 'a:8b')
  expect(memory.use(300, 'c:14b', 1_000, CONTEXT)).toBeUndefined()
  memory.release(400, 'b:8b')
  expect(memory.use(400, 'c:14b', 1_000, CONTEXT)).toBe(500)
  expect(names(memory, 400)).toEqual(['c:14b'])
})

test('a model larger than the memory is taken alone, not refused', () => {
  expect(new ModelMemory(8, () => 100).use(0, 'c:14b', 1_000, CONTEXT)).toBe(100)
})

test('names, and no model twice', () => {
  expect([fullModelName('llama3'), fullModelName('llama3:8b')]).toEqual(['llama3:latest', 'llama3:8b'])
  expect(catalogue('deepseek-r1:8b').filter(name => name === 'deepseek-r1:8b')).toHaveLength(1)
})

test('another context reloads the model once it is idle', () => {
  const memory = new ModelMemory(24, () => 100)
  memory.use(0, 'a:8b', 1_000, CONTEXT)
  expect(memory.use(200, 'a:8b', 1_000, 8_192)).toBeUndefined()
  memory.release(300, 'a:8b')
  expect(memory.use(300, 'a:8b', 1_000, 8_192)).toBe(400)
  expect([memory.ready(400, 'a:8b', CONTEXT), memory.ready(400, 'a:8b', 8_192)]).toEqual([false, true])
})

test('idle models can be unloaded, used ones stay', () => {
  const memory = new ModelMemory(24, () => 0)
  memory.use(0, 'a:8b', -1, CONTEXT)
  memory.use(0, 'b:8b', -1, CONTEXT)
  memory.release(1, 'a:8b')
  memory.unloadIdle()
  expect(names(memory, 2)).toEqual(['b:8b'])
})
