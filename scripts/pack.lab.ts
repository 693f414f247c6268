import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packInto } from './tools/pack/package.ts'

/** The package as a stranger has it: its tarball in an empty folder. */

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')

const SCRIPT = `
import { startGpuSim } from 'prefetch-lab/gpu'
import { resolveSettings } from 'prefetch-lab/settings'
import { predictSchedule, sameTasks } from 'prefetch-lab/predictor'
import { lost } from 'prefetch-lab/checks/delivery'

const settings = resolveSettings({ gpuProfile: 'rtx-3060', timeScale: 100, gpuColdLoad: false })
const gpu = await startGpuSim({ name: 'gpu', settings, host: '127.0.0.1', port: 0, controlPort: 0 })
const messages = [{ role: 'user', content: 'hi [[answer-tokens: 5]]' }]
const response = await fetch(gpu.url + '/v1/chat/completions', { method: 'POST', body: JSON.stringify({ model: 'llama3.1:8b', messages }) })
const { usage } = await response.json() as { usage: { completion_tokens: number } }
await gpu[Symbol.asyncDispose]()
const workers = ['fast', 'slow'].map(name => ({ name, prefetchTasks: 250 }))
console.log(JSON.stringify([usage.completion_tokens, predictSchedule(sameTasks(100, [20, 70]), workers).length, lost.name]))
`

/** This Node, and an older one of the machine. */
async function nodes(): Promise<string[]> {
  const path = (process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, 'node'))
  const found = new Map([[process.version, process.execPath]])
  for (const node of path) {
    const version = await run(node, ['--version']).then(
      ({ stdout }) => stdout.trim(),
      () => undefined,
    )
    if (version !== undefined && !found.has(version)) found.set(version, node)
  }
  return [...found.values()]
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'))
  const tarball = await packInto(ROOT, join(folder, 'packed'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await run('npm', ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: folder })
  await writeFile(join(folder, 'own.mjs'), SCRIPT.replace(' as { usage: { completion_tokens: number } }', ''))
  await writeFile(join(folder, 'own.ts'), SCRIPT)
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(await nodes())('installed in an empty folder, with %s', node => {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` }

  test('its functions work', async () => {
    const { stdout } = await run(node, ['own.mjs'], { cwd: folder, env })
    expect(JSON.parse(stdout)).toEqual([5, 100, 'lost'])
  })

  test('its command starts a card, and SIGTERM ends it', async () => {
    const child = spawn(node, [join(folder, 'node_modules/.bin/prefetch-lab-gpu'), '--port', '0', '--json'], { cwd: folder, env })
    const [first] = (await once(child.stdout, 'data')) as [Buffer]
    const { url } = JSON.parse(String(first)) as { url: string }
    expect(await (await fetch(url)).text()).toBe('Ollama is running')
    child.kill()
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})

test('its types are found, and hold', async () => {
  const typeRoots = join(ROOT, 'node_modules/@types')
  const flags = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'esnext',
    '--types',
    'node',
    '--typeRoots',
    typeRoots,
  ]
  const { stdout } = await run(join(ROOT, 'node_modules/.bin/tsc'), [...flags, 'own.ts'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toBe('')
})
