import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PAGE_MAX_BYTES = 4_000_000

/** The live page's HTML. @param root the clone */
export async function builtPage(root: string): Promise<string> {
  const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'build-console.ts'), root]
  return (await run(process.execPath, args, { maxBuffer: PAGE_MAX_BYTES })).stdout
}
