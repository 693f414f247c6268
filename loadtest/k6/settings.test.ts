import { describe, expect, test } from 'vitest'
import { Uuid } from '#contracts/ids'
import { messageId } from './message-id.ts'
import { settingsFromEnv, settingsToEnv } from './settings.ts'

const ENV = { LAB_NODES: 'http://127.0.0.1:1,http://127.0.0.1:2', LAB_SECRET: 's', LAB_RUN: 'r' }

test('settings are read as they were written', () => {
  const settings = { ...settingsFromEnv(ENV), users: 20, ratePerSecond: 0.5, forMs: 30_000, vus: 3, p99LimitMs: 12.5 }
  expect(settingsFromEnv(settingsToEnv(settings))).toEqual(settings)
})

describe('a wrong value is named', () => {
  const wrong: [name: string, value: string][] = [
    ['LAB_NODES', ''],
    ['LAB_SECRET', ''],
    ['LAB_USERS', '2.5'],
    ['LAB_VU_COUNT', '0'],
    ['LAB_RATE_PER_SECOND', 'fast'],
    ['LAB_FOR_MS', 'Infinity'],
    ['LAB_DRAIN_MS', '-1'],
  ]
  test.each(wrong)('%s=%s', (name, value) => {
    expect(() => settingsFromEnv({ ...ENV, [name]: value })).toThrow(new RegExp(`^${name}: expected`))
  })
})

test('message ids are UUIDs, unlike, and in the order of time', () => {
  const ids = [0, 1, 4_095, 4_096, 2 ** 32, 2 ** 40].flatMap(number => [0, 3].map(vu => messageId(1_790_000_000_000, vu, number)))
  for (const id of ids) expect(Uuid.safeParse(id)).toMatchObject({ success: true })
  expect(new Set(ids).size).toBe(ids.length)
  expect(messageId(1_790_000_000_001, 0, 0) > messageId(1_790_000_000_000, 9, 9)).toBe(true)
})
