import { describe, expect, test } from 'vitest'
import { envFromSettings, envName, resolveSettings, SETTINGS, settingsFromEnv } from './settings.ts'

describe('designs', () => {
  test('sound is the default; article differs as listed, and each setting can be changed alone', () => {
    expect(resolveSettings()).toMatchObject({ design: 'sound', workerPrefetchTasks: 1, chatStored: true, taskQueueType: 'quorum' })
    expect(resolveSettings({ design: 'article' })).toMatchObject({ workerPrefetchTasks: 250, chatStored: false, taskQueueType: 'classic' })
    expect(resolveSettings({ design: 'article', workerPrefetchTasks: 1 })).toMatchObject({ workerPrefetchTasks: 1, chatStored: false })
  })

  test.each(['sound', 'article'] as const)('%s passes through the environment unchanged', design => {
    const settings = resolveSettings({ design, capabilities: ['chat', 'chat.14b'], timeScale: 2.5 })
    expect(settingsFromEnv(envFromSettings(settings))).toEqual(settings)
  })
})

test('an environment variable is the name in capitals', () => {
  expect(envName('workerPrefetchTasks')).toBe('WORKER_PREFETCH_TASKS')
  expect(new Set(Object.keys(SETTINGS).map(envName)).size).toBe(Object.keys(SETTINGS).length)
})

test.each([
  [{ workerPrefetchTasks: -1 }, /workerPrefetchTasks: .* got -1\.\n[A-Z].*\nSee: npm run settings -- workerPrefetchTasks$/],
  [{ workerPrefetchTasks: 'lots' }, /^workerPrefetchTasks: expected a whole number from 0 to 65535, got lots\.\n/],
  [{ workerPrefetchTasks: '1.5' }, /expected a whole number from 0 to 65535, got 1\.5/],
  [{ workerPrefetchTasks: 'a lot' }, /got "a lot"/],
  [{ timeScale: 'fast' }, /timeScale: expected a number from 0\.01 to 10000, got fast/],
  [{ chatStored: 'maybe' }, /chatStored: expected true or false, got maybe/],
  [{ capabilities: 'Chat' }, /capabilities: expected lower-case words joined by dots, .* got Chat/],
  [{ model: '' }, /model: expected a name, got ""/],
  [{ workerPrefetch: 1 }, /workerPrefetch: unknown setting\. Did you mean workerPrefetchTasks/],
  [{ design: 'perfect' }, /design: expected sound or article, got "perfect"/],
  [{ taskQueueType: 'stream' }, /taskQueueType: expected quorum or classic, got stream/],
])('%j is refused in words', (input, message) => expect(() => resolveSettings(input as never)).toThrow(message))

test.each(Object.entries(SETTINGS))('%s takes a text, or says what it expects', (_, { schema }) => {
  expect(schema.safeParse('?!'.repeat(60)).error?.issues[0]?.message ?? 'expected a text').toMatch(/^expected /)
})
