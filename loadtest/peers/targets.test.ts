import { expect, test } from 'vitest'
import { ADAPTERS, pairsOf, TARGETS, targetsNamed } from './targets.ts'

test('targets are asked for by number or by part; an unknown name is none', () => {
  expect(targetsNamed(['1', '4'])?.map(({ id }) => id)).toEqual([1, 4])
  expect(targetsNamed(['1-rows'])?.flatMap(({ parts }) => parts.map(({ id }) => id))).toEqual(['1-rows'])
  expect(targetsNamed(['1', '99'])).toBeUndefined()
})

test('each load measures its systems once, whatever number of targets needs them', () => {
  const pairs = pairsOf(targetsNamed(['1-1000', '2', '4']) ?? [])
  expect(pairs.map(({ load }) => load)).toEqual(['closed-1000'])
  expect(pairs[0]?.systems.map(({ system }) => system)).toEqual(['ours', ...ADAPTERS, 'plain'])
})

test('what decides is repeated as often as a gate needs, ablations are not', () => {
  const gated = new Map(pairsOf(TARGETS).flatMap(({ load, systems }) => systems.map(({ system, gated }) => [`${load} ${system}`, gated])))
  expect(gated.get('closed-1000 ours')).toBe(true)
  expect(gated.get('closed-1000 plain')).toBe(true)
  expect(gated.get('closed-1000 direct')).toBe(false)
  expect(gated.get('closed-1000 ws-redis')).toBe(false)
})

test('each part has a name of its own, which begins with the number of its target', () => {
  const ids = TARGETS.flatMap(({ id, parts }) => parts.map(part => [String(id), part.id] as const))
  expect(new Set(ids.map(([, part]) => part)).size).toBe(ids.length)
  expect(ids.filter(([id, part]) => !part.startsWith(`${id}-`))).toEqual([])
})
