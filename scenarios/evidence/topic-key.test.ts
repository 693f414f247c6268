import { expect, test } from 'vitest'
import { keysOf, topicMatches } from './topic-key.ts'

test.each<[pattern: string, key: string, matches: boolean]>([
  ['audit.#', 'audit', true],
  ['audit.#', 'audit.a.b', true],
  ['audit.*', 'audit', false],
  ['audit.*', 'audit.a', true],
  ['audit.*', 'audit.a.b', false],
  ['#', '', true],
  ['*', '', false],
  ['#.b', 'b', true],
  ['#.b.#', 'a.b.a.a', true],
  ['*.#.*', 'a', false],
  ['a', 'b', false],
])('%s and %s: %s', (pattern, key, expected) => expect(topicMatches(pattern, key)).toBe(expected))

/** The same rule by another way: `#` as every number of `*`. */
function byExpansion(pattern: string, key: string): boolean {
  const [words, parts] = [key === '' ? [] : key.split('.'), pattern === '' ? [] : pattern.split('.')]
  const expand = ([first, ...rest]: string[]): string[][] => {
    if (first === undefined) return [[]]
    const tails = expand(rest)
    if (first !== '#') return tails.map(tail => [first, ...tail])
    return tails.flatMap(tail => Array.from({ length: words.length + 1 }, (_, n) => [...Array<string>(n).fill('*'), ...tail]))
  }
  return expand(parts).some(each => each.length === words.length && each.every((part, i) => part === '*' || part === words[i]))
}

test('all patterns of up to three words, against the expansion of # into every number of *', () => {
  const keys = keysOf(['a', 'b'], 4)
  expect(keys).toHaveLength(31)
  for (const pattern of keysOf(['a', 'b', '*', '#'], 3))
    for (const key of keys) expect([pattern, key, topicMatches(pattern, key)]).toEqual([pattern, key, byExpansion(pattern, key)])
})
