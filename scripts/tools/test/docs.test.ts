import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { settingsMarkdown } from '../../settings.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const verbs = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)

describe.each(['README.md', 'CONTRIBUTING.md', 'services/README.md', 'scenarios/README.md', 'loadtest/k6/README.md'])('%s', path => {
  test('every npm command in it exists', () => {
    const named = [...read(path).matchAll(/npm (?:run )?(?:-s )?((?:lab|test|images|check):[a-z]+|[a-z]+)\b/g)]
      .filter(match => (match[0].startsWith('npm run') || match[1] === 'test') && match[1] !== 'run')
      .map(match => match[1] ?? '')
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter(verb => !verbs.includes(verb))).toEqual([])
  })

  test('every relative link leads somewhere', () => {
    for (const [, target] of read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      expect(() => read(join(path, '..', target ?? ''))).not.toThrow()
  })
})

test('README stays within 150 lines', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150)
})

test('services/README.md holds the settings as they are (npm run -s settings -- --markdown)', () => {
  expect(read('services/README.md')).toContain(settingsMarkdown())
})
