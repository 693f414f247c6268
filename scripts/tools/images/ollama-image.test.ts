import { expect, test } from 'vitest'
import { versionIn } from './ollama-image.ts'

test.each([
  ['Warning: could not connect to a running Ollama instance\nWarning: client version is 0.17.4\n', '0.17.4'],
  ['ollama version is 0.17.4-rc1\n', '0.17.4-rc1'],
  ['ollama: error while loading shared libraries: libstdc++.so.6', undefined],
])('%j tells %s', (said, version) => expect(versionIn(said)).toBe(version))
