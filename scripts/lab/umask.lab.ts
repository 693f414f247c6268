import { rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from './command.ts'

/** With umask 077 what Postgres' user must read is made readable. */

test.each(['077', '027'])('umask %s: up, and down', async umask => {
  const home = join(tmpdir(), `prefetch-lab-umask-${process.pid}`)
  const lab = (verb: string) => {
    const words = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, join(import.meta.dirname, '..', 'lab.ts'), verb]
    return run([], { PREFETCH_LAB_HOME: home }, words).ended
  }
  try {
    const up = await lab('up')
    expect(up.exitCode, up.stderr).toBe(0)
  } finally {
    expect((await lab('down')).stdout).toMatch(/nothing of it is left/)
    await rmdir(home) // Fails if it holds anything.
  }
})
