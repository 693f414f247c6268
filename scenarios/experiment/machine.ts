import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Circumstances } from './document.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

/** On what a run was made, and of what. */
export async function circumstances(startedAt: string): Promise<Circumstances> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  const git = async (...args: string[]) => (await run('git', args, { cwd: ROOT }).catch(() => ({ stdout: '' }))).stdout.trim()
  return {
    startedAt,
    node: process.version,
    labVersion: version,
    commit: { id: (await git('rev-parse', '--short', 'HEAD')) || 'unknown', dirty: (await git('status', '--porcelain')) !== '' },
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `Linux ${release()}`,
    },
  }
}
