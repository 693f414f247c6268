import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LAYERS, nothingMatches, testFiles } from './filters.ts'

const root = join(import.meta.dirname, '../../..')

test('a filter that some file has is taken, as are none and FILE:LINE', () => {
  expect(nothingMatches(root, 'unit', ['filters'])).toBeUndefined()
  expect(nothingMatches(root, 'unit', ['filters.test.ts:8', 'docs'])).toBeUndefined()
  expect(nothingMatches(root, undefined, [])).toBeUndefined()
  for (const layer of LAYERS) expect(testFiles(root, layer).length).toBeGreaterThan(0)
})

test.each([
  [undefined, ['units'], /got units\. Did you mean unit\?[\s\S]*\n {2}npm test unit$/],
  [undefined, ['labs', 'chat'], /Did you mean lab\?[\s\S]*\n {2}npm test lab chat$/],
  [undefined, ['zzz'], /got zzz\.\nLayers: unit, lab, docker\. Type:\n {2}npm test unit$/],
  ['unit', ['chat-path'], /unit files, got chat-path\. Other layers have it:\n {2}npm test lab chat-path$/],
  ['lab', ['zzz'], /lab files, got zzz\.\n[\s\S]*\n {2}npm test lab$/],
] as const)('npm test %s %s is refused with the next command', (layer, filters, text) => {
  expect(nothingMatches(root, layer, filters)).toMatch(text)
})
