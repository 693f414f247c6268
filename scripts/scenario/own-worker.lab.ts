import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asAsked } from '#experiment'
import { clausesOf } from '../../reports/own-worker/clauses.ts'
import { ROOT } from '../lab/command.ts'
import { type TestHome, testHome } from '../lab/test-home.ts'
import { type Client, javaClient, pikaPython } from '../tools/worker-clients/clients.ts'
import { loadScenario } from './find.ts'
import { runOne } from './one.ts'

/** Workers of a user's own: the templates keep the contract, a mistake in one is named. */

const FOLDER = join(ROOT, 'scenarios', 'worker-contract')
const WITHIN_MS = 300_000

let home: TestHome
beforeAll(async () => {
  home = await testHome('own-worker')
  process.env['PREFETCH_LAB_HOME'] = home.labs
})
afterAll(() => home.remove())

/** Clauses that do not hold. @param arms by letter or name; none = all */
async function broken(command: string, ...arms: string[]): Promise<string[]> {
  const scenario = asAsked(await loadScenario('worker-contract'), { set: [], arms, gpus: [], gpu: [], own: { command, folder: FOLDER } })
  const options = { seed: 1, size: 'quick', runtime: 'native', signal: AbortSignal.timeout(WITHIN_MS), say: () => undefined } as const
  const { document, folder } = await runOne(scenario, { ...options, render: () => ({}) })
  await home.nothingLeft()
  await rm(join(ROOT, folder), { recursive: true })
  return clausesOf(document).flatMap(({ clause, verdict }) => (verdict === 'pass' ? [] : [clause]))
}

/** The path, or the test is skipped with the reason. */
function pathOf(client: Client, skip: (why: string) => never): string {
  return 'path' in client ? client.path : skip(client.skip)
}

test('the Python template keeps every clause; two mistakes in it are named', { timeout: WITHIN_MS }, async ({ skip }) => {
  const python = pathOf(await pikaPython(), skip)
  expect(await broken(`${python} templates/python/worker.py`)).toEqual([])
  const mistake = (name: string) => `MISTAKE=${name} ${python} mistakes/python.py templates/python/worker.py`
  expect(await broken(mistake('ack-before-work'), 'kill -9')).toContain('acknowledges after the answer')
  expect(await broken(mistake('requeue-loop'), 'no model')).toEqual(['ends a hopeless task'])
})

test('the Java template keeps every clause; a mistake in it is named', { timeout: WITHIN_MS }, async ({ skip }) => {
  const client = pathOf(await javaClient(), skip)
  const made = await mkdtemp(join(home.folder, 'java-'))
  const sources = ['templates/java/Worker.java', 'mistakes/Mistake.java'].map(file => join(FOLDER, file))
  await promisify(execFile)('javac', ['-cp', `${client}/*`, '-d', made, ...sources])
  const java = `java -cp '${made}:${client}/*'`
  expect(await broken(`${java} Worker`)).toEqual([])
  expect(await broken(`MISTAKE=ack-on-new-channel ${java} Mistake`, 'steady')).toContain('settles where it was delivered')
})

test('a command that does not come up ends the run, with what it printed', { timeout: WITHIN_MS }, async () => {
  await expect(broken('python3 no-such-file.py')).rejects.toMatchObject({
    code: 'COMMAND_EXITED',
    message: expect.stringMatching(/`python3 no-such-file.py` ended before it consumed.*can't open file.*worker-contract\/README\.md/s),
  })
  await expect(broken('true')).rejects.toMatchObject({ code: 'COMMAND_EXITED', message: expect.stringContaining('It printed nothing.') })
})
