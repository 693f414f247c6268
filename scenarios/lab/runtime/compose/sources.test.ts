import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildFolder, hashOf, readSources } from './sources.ts'

/** What is built is the same from every clone of the same files. */

let home = ''
let clone = ''
let hash = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sources with blanks and ü '))
  clone = join(home, 'clone')
  await mkdir(join(clone, 'services/kit'), { recursive: true })
  await writeFile(join(clone, 'services/main.ts'), 'main')
  await writeFile(join(clone, 'services/kit/log.ts'), 'log')
  await writeFile(join(clone, 'package.json'), '{}')
  hash = hashOf(await readSources(clone, PATHS))
})
afterAll(() => rm(home, { recursive: true, force: true }))

const PATHS = ['services', 'package.json', 'not-there']
const FILES = ['package.json', 'services/kit/log.ts', 'services/main.ts']

/** Another clone of the same files, changed. */
async function other(change: (path: string) => Promise<void>): Promise<string> {
  const path = await mkdtemp(join(home, 'other-'))
  await cp(clone, path, { recursive: true })
  await change(path)
  return path
}

async function modes(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const told = await Promise.all(
    entries.map(async entry => {
      const { mode } = await stat(join(entry.parentPath, entry.name))
      return `${entry.isDirectory() ? 'folder' : 'file'} ${(mode & 0o777).toString(8)}`
    }),
  )
  return [...new Set(told)].sort()
}

test.each<[string, (path: string) => Promise<void>]>([
  [
    'umask 077',
    async path => {
      for (const file of FILES) await chmod(join(path, file), 0o600)
      for (const folder of ['services/kit', 'services']) await chmod(join(path, folder), 0o700)
    },
  ],
  ['umask 027, and a file that may be run', async path => chmod(join(path, 'services/main.ts'), 0o750)],
  ['another owner', async path => (process.geteuid?.() === 0 ? chown(join(path, 'services/main.ts'), 12_345, 12_345) : undefined)],
  ['another time', async path => utimes(join(path, 'services/main.ts'), 1, 1)],
  [
    'a link to a file in place of the file',
    async path => {
      await writeFile(join(path, 'elsewhere.ts'), 'main')
      await rm(join(path, 'services/main.ts'))
      await symlink('../elsewhere.ts', join(path, 'services/main.ts'))
    },
  ],
  [
    'a link to a folder in place of the folder',
    async path => {
      await cp(join(path, 'services/kit'), join(path, 'kit-elsewhere'), { recursive: true })
      await rm(join(path, 'services/kit'), { recursive: true })
      await symlink('../kit-elsewhere', join(path, 'services/kit'))
    },
  ],
  ['a link that leads nowhere', path => symlink('nowhere', join(path, 'services/broken.ts'))],
  ['a link to a folder around it', path => symlink('..', join(path, 'services/kit/loop'))],
])('%s: the same hash, and everybody may read what is built', async (_, change) => {
  const path = await other(change)
  const sources = await readSources(path, PATHS)
  expect(sources.map(source => source.path)).toEqual(FILES)
  expect(hashOf(sources)).toBe(hash)
  const before = process.umask(0o077)
  try {
    await using built = await buildFolder(sources)
    expect(await modes(built.path)).toEqual(['file 644', 'folder 755'])
    expect(await readFile(join(built.path, 'services/main.ts'), 'utf8')).toBe('main')
  } finally {
    process.umask(before)
  }
})

test.each<[string, (path: string) => Promise<void>]>([
  ['another content', path => writeFile(join(path, 'services/main.ts'), 'Main')],
  ['lines that end in CR LF', path => writeFile(join(path, 'services/main.ts'), 'main\r\n')],
  ['a file more', path => writeFile(join(path, 'services/more.ts'), '')],
  ['a byte that moved from one file to the next', path => writeFile(join(path, 'services/kit/log.ts'), 'logs')],
])('%s: another hash', async (_, change) => {
  expect(hashOf(await readSources(await other(change), PATHS))).not.toBe(hash)
})

test('the folder is gone with its handle', async () => {
  let path = ''
  {
    await using built = await buildFolder([{ path: 'a/b', content: Buffer.from('x') }])
    path = built.path
  }
  await expect(stat(path)).rejects.toThrow('ENOENT')
})
