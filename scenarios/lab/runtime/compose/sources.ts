import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

/** An image's sources, read once: hash and build are alike whatever modes and links a clone has. */

/** Everybody may read: the container's user is nobody's here. */
const FILE_MODE = 0o644
const FOLDER_MODE = 0o755
/** Counts in the hash: images of other modes are other images. */
const MODES = `modes ${FILE_MODE.toString(8)} ${FOLDER_MODE.toString(8)}`

export interface Source {
  /** Relative to the root. */
  path: string
  content: Buffer
}

/** Files below these paths, in fixed order. Links count as their targets. */
export async function readSources(root: string, paths: readonly string[]): Promise<Source[]> {
  const files = (await Promise.all(paths.map(path => filesBelow(join(root, path), [])))).flat().sort()
  return Promise.all(files.map(async file => ({ path: relative(root, file), content: await readFile(file) })))
}

/** @param above real paths of the folders around it: a link into one of them would have no end */
async function filesBelow(path: string, above: readonly string[]): Promise<string[]> {
  const kind = await stat(path).catch(() => undefined) // A link that leads nowhere is not a source.
  if (kind?.isFile()) return [path]
  if (!kind?.isDirectory()) return []
  const real = await realpath(path)
  if (above.includes(real)) return []
  const names = await readdir(path)
  return (await Promise.all(names.map(name => filesBelow(join(path, name), [...above, real])))).flat()
}

export function hashOf(sources: readonly Source[]): string {
  const hash = createHash('sha256').update(MODES).update('\0')
  for (const { path, content } of sources) hash.update(path).update('\0').update(String(content.length)).update('\0').update(content)
  return hash.digest('hex').slice(0, 12)
}

/** A folder to build from, gone with its handle. */
export async function buildFolder(sources: readonly Source[]): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'prefetch-lab-build-'))
  const folders = new Set<string>()
  for (const source of sources) {
    const file = join(path, source.path)
    for (let folder = dirname(file); folder !== path; folder = dirname(folder)) folders.add(folder)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, source.content)
    // Apart from the writing: the caller's umask would count there.
    await chmod(file, FILE_MODE)
  }
  for (const folder of folders) await chmod(folder, FOLDER_MODE)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
