import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const start = promisify(execFile)

/** A folder and a missing file, for each command that reads a trace. */
test.each([
  ['replay', (file: string) => [file]],
  ['predict', (file: string) => ['--start', `trace:${file}`]],
  ['advise', (file: string) => ['--workers', '2s', '--arrivals', `trace:${file}`]],
  ['load', (file: string) => ['bot', '--trace', file]],
])('%s: a trace that cannot be read is the user’s error, with the reason and what to type', async (verb, args) => {
  const script = join(import.meta.dirname, `${verb}.ts`)
  const refused = (why: RegExp) => ({
    code: 3,
    stderr: expect.stringMatching(new RegExp(`^[A-Z_]+: .*${why.source}[\\s\\S]*npm run ${verb}`)),
  })
  await Promise.all([
    expect(start(process.execPath, [script, ...args(import.meta.dirname)])).rejects.toMatchObject(refused(/it is a folder/)),
    expect(start(process.execPath, [script, ...args('/nowhere.csv')])).rejects.toMatchObject(refused(/there is no such file/)),
  ])
})
