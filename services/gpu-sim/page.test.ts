import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bench } from './test-bench.ts'

/** The curl lines of this folder's page, in their order, against one simulated GPU. By `fetch`: a
 *  bare machine has no curl. */

const EXPECTED = [
  /"name":"llama3.1:8b"/,
  /"object":"list"/,
  /"done":true.*"eval_count":/,
  /"finish_reason":"stop".*"usage"/,
  /"outcome":"done"/,
  /"failure":"out-of-memory"/,
  /CUDA error: out of memory/,
  /^\{\}$/,
]

test('every curl line of the page gives what it should', async () => {
  await using gpu = await bench({ settings: { timeScale: 100 } })
  const page = await readFile(join(import.meta.dirname, 'README.md'), 'utf8')
  const lines = page.split('\n').filter(line => line.startsWith('curl '))
  const { sim } = gpu
  const seen = []
  for (const line of lines) {
    const [, method, port, path, body] = /^curl -s (?:-X (\w+) )?localhost:(\d+)(\S+)(?: -d '(.*)')?$/.exec(line) ?? []
    const base = port === '11601' ? sim.controlUrl : sim.url
    const response = await fetch(`${base}${path}`, { method: method ?? (body === undefined ? 'GET' : 'POST'), body: body ?? null })
    seen.push((await response.text()).trim())
  }
  expect(seen).toEqual(EXPECTED.map(expected => expect.stringMatching(expected)))
})
