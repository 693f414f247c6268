import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeRunFolder, writeRendered } from './run-folder.ts'

const AT = '2026-11-24T10:00:00.123Z'
let reports = ''
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), 'reports-'))
})
afterEach(() => rm(reports, { recursive: true, force: true }))

test('a second run of the same second has a name of its own', async () => {
  expect(await makeRunFolder('a', AT, reports)).toBe(join(reports, 'runs', '20261124T100000Z-a'))
  expect(await makeRunFolder('a', AT, reports)).toBe(join(reports, 'runs', '20261124T100000Z-a-2'))
})

describe('unwritable reports: the obstacle, and exit code 2', () => {
  const told = (code: string) => ({
    code: 'REPORTS_UNWRITABLE',
    exitCode: 2,
    message: expect.stringMatching(new RegExp(`^cannot write into .*: ${code}`)),
  })
  test('runs is a file', async () => {
    await writeFile(join(reports, 'runs'), '')
    await expect(makeRunFolder('a', AT, reports)).rejects.toMatchObject(told('EEXIST'))
  })
  test('reports is a file', async () => {
    const file = join(reports, 'file')
    await writeFile(file, '')
    await expect(makeRunFolder('a', AT, file)).rejects.toMatchObject(told('ENOTDIR'))
  })
  test('runs is a link that leads nowhere', async () => {
    await symlink('nowhere/at/all', join(reports, 'runs'))
    await expect(makeRunFolder('a', AT, reports)).rejects.toMatchObject(told('ENOENT'))
  })
  test('the folder went away before it was written', async () => {
    await expect(writeRendered(join(reports, 'gone'), { 'report.md': '' })).rejects.toMatchObject(told('ENOENT'))
  })
  test('any other error is passed on', async () => {
    await mkdir(join(reports, 'report.md'))
    await expect(writeRendered(reports, { 'report.md': '' })).rejects.toMatchObject({ code: 'EISDIR' })
  })
})
