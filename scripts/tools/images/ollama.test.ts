import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { $ } from 'zx'

const script = join(import.meta.dirname, 'ollama.sh')
const sh = (args: string[], env = {}) => $({ quiet: true, nothrow: true, env: { ...process.env, ...env } })`/bin/sh ${script} ${args}`

test('without a folder: what to type', async () => {
  const { exitCode, stderr } = await sh([])
  expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/^USAGE: .*\nType: sh scripts\/tools\/images\/ollama\.sh FOLDER/)])
})

test('missing build tools are named, and nothing is made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ollama-'))
  try {
    const { exitCode, stderr } = await sh([join(folder, 'out')], { PATH: folder })
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^TOOL_MISSING: expected go in PATH/)])
    // Where apt-get is not there either, the headers are the user's to name.
    for (const tool of ['go', 'gcc', 'g++']) await symlink('/bin/false', join(folder, tool))
    for (const tool of ['mkdir', 'dirname']) await symlink(`/bin/${tool}`, join(folder, tool))
    const headers = await sh([join(folder, 'out')], { PATH: folder })
    expect([headers.exitCode, headers.stderr]).toEqual([2, expect.stringMatching(/^HEADERS_MISSING: [\s\S]*CPLUS_INCLUDE_PATH=A:B/)])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
