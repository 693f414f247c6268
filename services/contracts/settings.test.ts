import { describe, expect, test } from 'vitest'
import { envFromSettings, envName, resolveSettings, SETTINGS, settingsFromEnv } from './settings.ts'

describe('designs', () => {
  test('sound is the default; article differs where it says so, and any one setting can be changed alone', () => {
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
  [{ workerPrefetchTasks: -1 }, /workerPrefetchTasks: .* got -1\. It means: /],
  [{ workerPrefetchTasks: 'many' }, /workerPrefetchTasks/],
  [{ workerPrefetch: 1 }, /workerPrefetch: no such setting; did you mean workerPrefetchTasks/],
  [{ design: 'perfect' }, /design: expected sound or article, got "perfect"/],
  [{ taskQueueType: 'stream' }, /taskQueueType/],
])('%j is refused in words', (input, message) => expect(() => resolveSettings(input as never)).toThrow(message))
