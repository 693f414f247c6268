import { readdirSync } from 'node:fs'
import { didYouMean, nearest } from '#contracts/nearest'

/** Which files the words of `npm test` choose. A run of nothing must not look like a pass. */

export const LAYERS = ['unit', 'lab', 'docker'] as const
export type Layer = (typeof LAYERS)[number]

const FOLDERS = ['services', 'scenarios', 'loadtest', 'reports', 'scripts']
const SUFFIX: Readonly<Record<Layer, string>> = { unit: '.test.ts', lab: '.lab.ts', docker: '.docker.ts' }

/** Every test file of a layer, or of all. */
export function testFiles(root: string, layer?: Layer): string[] {
  const suffixes = layer === undefined ? Object.values(SUFFIX) : [SUFFIX[layer]]
  return FOLDERS.flatMap(folder => readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map(path => `${folder}/${path}`))
    .filter(path => suffixes.some(suffix => path.endsWith(suffix)))
    .sort()
}

/** What is wrong with filters, if one of them stands in no file's path; else undefined. */
export function nothingMatches(root: string, layer: Layer | undefined, filters: readonly string[]): string | undefined {
  const has = (filter: string, of: Layer | undefined) => {
    // `FILE:LINE` chooses a test of a file.
    const word = filter.replace(/:\d+$/, '').replace(`${root}/`, '').toLowerCase()
    return testFiles(root, of).some(path => path.toLowerCase().includes(word))
  }
  const lost = filters.filter(filter => !has(filter, layer))
  if (lost.length === 0) return undefined
  const typed = filters.join(' ')
  const expected = `USAGE: expected words in the names of ${layer ?? 'test'} files, got ${lost.join(' ')}.`
  const elsewhere = LAYERS.filter(other => filters.every(filter => has(filter, other)))
  if (elsewhere.length > 0) return `${expected} Other layers have it:\n${elsewhere.map(other => `  npm test ${other} ${typed}`).join('\n')}`
  const [first = '', ...rest] = filters
  const meant = layer === undefined ? nearest(first, LAYERS) : []
  const next = ['npm test', ...(meant.length === 0 ? [layer ?? 'unit'] : [meant[0], ...rest])].join(' ')
  return `${expected}${meant.length === 0 ? '' : didYouMean(first, LAYERS)}\nLayers: ${LAYERS.join(', ')}. Type:\n  ${next}`
}
