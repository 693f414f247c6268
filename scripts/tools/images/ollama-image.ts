import { chmod, cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupError } from '#contracts/setup-error'
import { docker } from '../../../scenarios/lab/runtime/compose/docker.ts'
import { appendTo, makeRoot } from './debian-root.ts'
import { OLLAMA_ROOT } from './recipes.ts'

/** An Ollama image from a program at hand (`ollama.sh`), named and called as the public one.
 *  @returns its version. Throws SetupError if it does not run here, or is another version. */
export async function ollamaImage(image: string, program: string, folder: string, signal: AbortSignal): Promise<string> {
  const tar = join(folder, 'ollama.tar')
  await makeRoot(tar, { ...OLLAMA_ROOT, variant: 'extract', signal })
  const more = join(folder, 'ollama')
  await mkdir(join(more, 'usr/bin'), { recursive: true })
  await cp(program, join(more, 'usr/bin/ollama')).catch((error: unknown) => {
    throw new SetupError(
      'INSTALL_FAILED',
      `--ollama: expected an Ollama program, got ${program}: ${String(error)}\nBuild one: sh scripts/tools/images/ollama.sh FOLDER`,
    )
  })
  await chmod(join(more, 'usr/bin/ollama'), 0o755)
  await appendTo(tar, more, ['usr/bin/ollama'], signal)
  // Named only when it has shown its version.
  const id = (await docker(['import', ...OLLAMA_ROOT.changes.flatMap(change => ['--change', change]), tar])).trim()
  try {
    const said = await docker(
      ['run', '--rm', '--network', 'none', '--read-only', '--tmpfs', '/tmp', '--env', 'HOME=/tmp', id, '--version'],
      { both: true },
    )
    const version = versionIn(said)
    const wanted = image.slice(image.lastIndexOf(':') + 1)
    if (version !== wanted)
      throw new SetupError(
        'INSTALL_FAILED',
        `expected Ollama ${wanted}, as OLLAMA_IMAGE in compose/images.env, got ${version ?? said.trim()} from ${program}`,
      )
    await docker(['tag', id, image])
    return `Ollama ${version}`
  } catch (error) {
    await docker(['image', 'rm', '--force', id])
    throw error
  }
}

/** Without a server it prints `Warning: client version is 0.17.4`, otherwise without "client". */
export function versionIn(said: string): string | undefined {
  return /version is (\d+\.\d+\.\d+\S*)/.exec(said)?.[1]
}
