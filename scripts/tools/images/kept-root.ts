import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../../scenarios/lab/runtime/cache.mjs'
import { machineMirror } from '../bootstrap/sources.ts'

/** Image roots as tars in the cache: an empty engine is ready in seconds, not minutes. */

const FOLDER = join(cacheFolder(), 'images')

export interface KeptRoot {
  /** Of the image: older roots of this name go. */
  name: string
  /** All that decides what is in it, beside the scripts of this folder and the mirror. */
  key: unknown
  /** Whether one that is made is kept, and one that was kept is used. */
  keep: boolean
  make(tar: string): Promise<void>
}

/** @param folder for a tar that is not kept @returns path of the tar, and whether it was there */
export async function keptRoot({ name, key, keep, make }: KeptRoot, folder: string): Promise<{ tar: string; kept: boolean }> {
  const tar = join(keep ? FOLDER : folder, `${name}-${await digest(key)}.tar`)
  if (keep && existsSync(tar)) return { tar, kept: true }
  if (!keep) {
    await make(tar)
    return { tar, kept: false }
  }
  await mkdir(FOLDER, { recursive: true })
  const partial = join(FOLDER, `${name}-partial-${process.pid}.tar`)
  try {
    await make(partial)
    const older = (await readdir(FOLDER)).filter(file => file.startsWith(`${name}-`) && !file.includes('-partial-'))
    await rename(partial, tar)
    for (const file of older) await rm(join(FOLDER, file), { force: true })
  } finally {
    await rm(partial, { force: true })
  }
  return { tar, kept: false }
}

async function digest(key: unknown): Promise<string> {
  const scripts = (await readdir(import.meta.dirname)).filter(file => file.endsWith('.sh') && file !== 'ollama.sh').sort()
  const texts = await Promise.all(scripts.map(file => readFile(join(import.meta.dirname, file), 'utf8')))
  return createHash('sha256')
    .update(JSON.stringify([key, machineMirror().uri, ...texts]))
    .digest('hex')
    .slice(0, 12)
}
