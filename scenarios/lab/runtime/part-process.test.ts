import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tail } from './part-process.ts'

test('the tail of a coloured log is plain text', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tail-'))
  await mkdir(join(folder, 'logs'))
  await writeFile(
    join(folder, 'logs', 'rabbitmq.log'),
    'first\n\u001b[38;5;160m[error] \u001b[1mno\u001b[0m\n  [info] log: <stdout>\u001b[0m\n\u001b[0m\n',
  )
  expect(await tail(folder, 'rabbitmq', 2)).toBe('[error] no\n  [info] log: <stdout>')
  expect(await tail(folder, 'postgres', 2)).toBe('')
  await rm(folder, { recursive: true })
})
