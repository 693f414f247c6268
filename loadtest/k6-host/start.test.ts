import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runK6 } from './start.ts'

/** A program that ends as k6 may end. */
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'k6-start-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function ending(name: string, body: string, signal = new AbortController().signal, onLine = (_: string) => {}) {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return runK6({ k6: { kind: 'binary', path }, script: 'loadtest/k6/chat.ts', env: { LAB_SECRET: 'hush' }, signal, onLine })
}
const SUMMARY = `echo 'prefetch-lab summary {"metrics":{}}'`

describe('how k6 ends', () => {
  test('well: its summary, and the lines of the script alone', async () => {
    const lines: string[] = []
    const log = `echo '{"level":"info","msg":"prefetch-lab second {}"}' >&2; echo 'time=now level=info' >&2; echo banner`
    const end = await ending('well', `${log}; ${SUMMARY}`, undefined, line => lines.push(line))
    expect(end).toEqual({ summary: { metrics: {} }, exitCode: 0, interrupted: false, thresholdCrossed: false })
    expect(lines).toEqual(['prefetch-lab second {}'])
  })

  test('a crossed threshold is a result', async () => {
    expect(await ending('crossed', `${SUMMARY}; exit 99`)).toMatchObject({ exitCode: 99, thresholdCrossed: true })
  })

  test('any other failure is an error with its last lines, with a summary or without', async () => {
    const log = `echo '{"level":"error","msg":"test aborted: nobody home"}' >&2`
    await expect(ending('aborted', `${log}; ${SUMMARY}; exit 108`)).rejects.toMatchObject({
      code: 'K6_FAILED',
      message: expect.stringMatching(/exited with 108[\s\S]*nobody home/),
    })
    await expect(ending('silent', 'exit 0')).rejects.toMatchObject({ code: 'K6_FAILED' })
  })

  test('an interrupt still brings what was measured so far', async () => {
    const stop = new AbortController()
    const body = `trap 'echo "prefetch-lab summary {}"; exit 105' INT; echo 'prefetch-lab up' >&2; while :; do sleep 0.05; done`
    const end = await ending('interrupted', body, stop.signal, () => stop.abort())
    expect(end).toMatchObject({ exitCode: 105, interrupted: true })
  })

  test('a program that cannot be started is named', async () => {
    const k6 = { kind: 'binary', path: join(folder, 'nowhere') } as const
    const options = { script: 'loadtest/k6/chat.ts', env: {}, signal: new AbortController().signal, onLine: () => {} }
    await expect(runK6({ k6, ...options })).rejects.toMatchObject({ code: 'K6_FAILED', message: expect.stringContaining('nowhere') })
  })
})
