import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { settingsMarkdown } from '../../settings.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const verbs = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)

const PAGES = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'loadtest/README.md', 'scripts/README.md']
describe.each([...PAGES, 'services/README.md', 'scenarios/README.md', 'scenarios/inspect/README.md', 'loadtest/k6/README.md'])(
  '%s',
  path => {
    test('every npm command in it exists', () => {
      const named = [...read(path).matchAll(/npm (?:run )?(?:-s )?((?:lab|test|images|check):[a-z]+|[a-z]+)\b/g)]
        .filter(match => (match[0].startsWith('npm run') || match[1] === 'test') && match[1] !== 'run')
        .map(match => match[1] ?? '')
      expect(named.length).toBeGreaterThan(0)
      expect(named.filter(verb => !verbs.includes(verb))).toEqual([])
    })

    test('every relative link leads somewhere', () => {
      for (const [, target] of read(path).matchAll(/(?:\]\(|^\[[^\]]+\]: )(?!https?:|#)([^)#\n]+)/gm))
        expect(() => read(join(path, '..', target ?? ''))).not.toThrow()
    })
  },
)

test('every scenario has an entry, and every entry a scenario', () => {
  const named = [...read('scenarios/README.md').matchAll(/^### `([a-z-]+)`$/gm)].map(([, name]) => name)
  const files = readdirSync(join(root, 'scenarios')).flatMap(file =>
    file.endsWith('.scenario.ts') ? [file.replace('.scenario.ts', '')] : [],
  )
  const lost = [
    ...files
      .filter(name => !named.includes(name))
      .map(name => `add \`### \`${name}\`\` to scenarios/README.md, below "Which claims are there?"`),
    ...named
      .filter(name => !files.includes(name ?? ''))
      .map(name => `there is no scenarios/${name}.scenario.ts: remove its entry from scenarios/README.md`),
  ]
  expect(lost, lost.join('\n')).toEqual([])
})

test('a link into a page leads to one of its headings', () => {
  const slugs = (text: string) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      (title ?? '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    )
  const pages = [...PAGES, 'services/README.md', 'scenarios/README.md', 'services/ai-worker/README.md', 'services/gpu-sim/README.md']
  const links = pages.flatMap(page =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)].map(([, path, slug]) => ({ page, path, slug })),
  )
  expect(links.length).toBeGreaterThan(2)
  const dead = links.filter(({ page, path, slug }) => !slugs(read(path ? join(page, '..', path) : page)).includes(slug ?? ''))
  expect(dead).toEqual([])
})

describe('the Chinese README keeps step with the English one', () => {
  const [english, chinese] = [read('README.md'), read('README.zh-CN.md')]
  const commandsOf = (text: string) =>
    [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
      (block ?? '').split('\n').map(line => line.replace(/\s+#.*$/, '').trim()),
    )
  const codeOf = (text: string) => [...text.matchAll(/`(npm run[^`]*|docker compose[^`]*)`/g)].map(([, code]) => code)
  const linksOf = (text: string) => [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link)

  test('the same commands, in the same order', () => {
    expect(commandsOf(chinese)).toEqual(commandsOf(english))
    expect(codeOf(chinese)).toEqual(codeOf(english))
  })

  test('the same links beside those to each other, and as many headings and rows', () => {
    const others = (text: string) => linksOf(text).filter(link => !/^README/.test(link ?? ''))
    expect(others(chinese)).toEqual(others(english))
    const count = (text: string, what: RegExp) => text.match(what)?.length
    for (const what of [/^## /gm, /^\|/gm]) expect(count(chinese, what)).toBe(count(english, what))
  })
})

test('README stays within 150 lines', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150)
})

test('services/README.md holds the settings as they are (npm run -s settings -- --markdown)', () => {
  expect(read('services/README.md')).toContain(settingsMarkdown())
})
