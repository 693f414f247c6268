import { basename } from 'node:path'
import type { History } from '#evidence/history'
import { judgeArm } from '#evidence/judge'
import { measuresOf } from '#evidence/schedule'
import { makeRunFolder, writeRun } from '#evidence/store/run-folder'
import { attachLab } from '#lab'
import { armFacts } from '../experiment/collect.ts'
import { scenario } from '../experiment/definition.ts'
import { runDocument } from '../experiment/document.ts'
import { GpuLogs } from '../experiment/gpu-logs.ts'
import { circumstances } from '../experiment/machine.ts'
import type { Recorder } from '../experiment/recorder.ts'

/** A session by hand as a run that `npm run report` renders. Nothing is claimed, nothing judged. */

const ARM = { name: 'session' }
const SESSION = scenario<object>('live-session', {
  claim: 'A session on the live page: recorded, not judged.',
  command: 'npm run lab:up',
  sizes: { quick: {}, full: {} },
  arms: [ARM],
  controls: [],
  run: () => Promise.resolve(),
  checks: [],
})

/** @returns the folder's name below `reports/runs` */
export async function saveSession(name: string, recorder: Recorder): Promise<string> {
  await using lab = await attachLab(name)
  const logs = new GpuLogs(lab, recorder)
  await logs.read()
  const firstMs = recorder.events[0]?.atMs ?? 0
  recorder.record({ kind: 'rest', ended: 'own-condition', lastSeen: 'saved on the live page' })
  const events = [...recorder.events, ...logs.events().filter(({ atMs }) => atMs >= firstMs)]
  const tookMs = recorder.nowMs() - firstMs
  const startedAt = new Date(Date.now() - tookMs).toISOString()
  const facts = armFacts(lab.plan)
  const history: History = { ...facts, events }
  const judged = judgeArm(history, [], { name: ARM.name, role: 'claim' })
  const { plan, runtime } = lab
  const versions = await lab.versions()
  const shared = { scenario: SESSION, seed: 1, size: 'quick' as const, runtime, broker: {}, modelServer: undefined }
  const run = { arm: ARM, role: 'claim' as const, parameters: {}, plan, judged, history: events, facts, measures: measuresOf(history) }
  const document = runDocument(
    { ...shared, versions, verdict: 'unknown', tookMs, arms: [{ ...run, broker: versions.broker, tookMs }] },
    await circumstances(startedAt),
  )
  const folder = await makeRunFolder(SESSION.name, startedAt)
  await writeRun(folder, document, new Map([[ARM.name, events]]))
  return basename(folder)
}
