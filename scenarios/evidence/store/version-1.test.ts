import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makespanNearIdeal, overtakesNearIdeal } from '../checks/fairness.ts'
import { witnessesOf } from '../finding.ts'
import { readRun } from './run-folder.ts'
import { documentOfVersion1, eventOfVersion1 } from './version-1.ts'

const check = (name: string, claim: string, verdict = 'pass') => ({ name, verdict, claim, detail: `${name}: its sentence`, witnesses: [] })
const raised = (checks: object[], measures: Record<string, number>) =>
  documentOfVersion1({ schemaVersion: 1, arms: [{ name: 'a', detail: 'why', checks, measures }] })

test('a run that was stored before findings were data is read, with its sentences as text', async () => {
  const { document, histories } = await readRun(join(import.meta.dirname, 'version-1'))
  const [claim, control] = document.arms
  expect([claim?.verdict, claim?.why]).toEqual(['pass', { code: 'said', values: { text: '9 checks passed' } }])
  const failed = control?.checks.find(({ name }) => name === control.breaks)
  expect(failed).toMatchObject({ verdict: 'fail', breaches: [{ code: 'said' }], found: 1 })
  expect(witnessesOf(failed!)).toHaveLength(10)
  expect([...histories.values()].map(events => events.findLast(({ kind }) => kind === 'rest'))).toMatchObject([
    { ended: 'rest' },
    { ended: 'rest' },
  ])
})

test.each([
  ['wait-near-ideal', 'The p95 wait is at most 3 x that of the ideal schedule, and 50 ms.', { waitP95Ms: 9, idealWaitP95Ms: 40 }, 170],
  ['makespan-near-ideal', makespanNearIdeal(30).claim, { makespanMs: 9, idealMakespanMs: 1_000 }, 1_300],
  ['overtakes-near-ideal', overtakesNearIdeal(20).claim, { excessOvertakes: 9, prompts: 600 }, 120],
])('the limit of %s is read out of its claim', (name, claim, measures, atMost) => {
  expect(raised([check(name, claim)], measures)).toMatchObject({ arms: [{ checks: [{ limits: [{ value: 9, atMost }] }] }] })
  expect(raised([check(name, claim)], {})).toMatchObject({ arms: [{ checks: [{ limits: [] }] }] })
  expect(raised([check('tau', claim)], measures)).toMatchObject({ arms: [{ checks: [{ limits: [] }] }] })
})

test('a load test keeps its sentence; a document of today, and other JSON, stay unchanged', () => {
  const load = { schemaVersion: 1, kind: 'load', detail: 'every limit held', checks: [check('lost', '', 'fail')] }
  expect(documentOfVersion1(load)).toMatchObject({ schemaVersion: 2, why: { code: 'said' }, checks: [{ found: 1 }] })
  for (const other of [{ schemaVersion: 2, arms: [{ why: {} }] }, 'text', null, [1]]) expect(documentOfVersion1(other)).toEqual(other)
})

test('a real model server is known by its address, in the first runs of version 2 too', () => {
  const gpus = [
    { name: 'gpu-fast', profile: 'http://10.0.0.7:11434' },
    { name: 'gpu-slow', profile: 'rtx-4090' },
  ]
  const [server, simulated] = gpus
  for (const schemaVersion of [1, 2])
    expect(documentOfVersion1({ schemaVersion, arms: [{ gpus }] })).toMatchObject({
      arms: [
        {
          gpus: [{ ...server, url: server?.profile }, simulated],
        },
      ],
    })
})

test('the fault switches of a GPU stood in the name of the action', () => {
  const fault = { kind: 'fault', atMs: 1, part: 'gpu-fast', action: 'faults {"status":500}' }
  expect(eventOfVersion1(fault)).toEqual({ ...fault, action: 'faults', switches: { status: 500 } })
  expect(eventOfVersion1({ ...fault, action: 'kill' })).toMatchObject({ action: 'kill' })
})
