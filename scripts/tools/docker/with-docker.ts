import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { BROKER_GENERATIONS, containersReady, LabError } from '#lab'
import { docker } from '../../../scenarios/lab/runtime/compose/docker.ts'
import { engineForTests } from './engine.ts'

/** What an engine has: containers, networks and volumes by name. */
async function inventory(): Promise<string[]> {
  const lists = [
    ['ps', '-a', '--format', 'container {{.Names}}'],
    ['network', 'ls', '--format', 'network {{.Name}}'],
    ['volume', 'ls', '--format', 'volume {{.Name}}'],
  ]
  return (await Promise.all(lists.map(list => docker(list)))).flatMap(text => text.split('\n').filter(line => line !== ''))
}

/** The Docker suite and a check for leftovers. Without an engine: one skipped test. */
export async function withDocker(
  suite: () => Promise<void>,
  say: (text: string) => void,
): Promise<{ passed?: number; failed?: number; skipped?: number }> {
  await using engine = await engineForTests(say).then(found => (typeof found === 'string' ? skipped(found) : found))
  if ('why' in engine) {
    say(`↓ docker: skipped, since ${engine.why}`)
    return { skipped: 1 }
  }
  if (!(await images(engine.own))) return { failed: 1 }
  const before = await inventory()
  await suite()
  const left = (await inventory()).filter(item => !before.includes(item))
  if (left.length === 0) return { passed: 1 }
  say(`✗ docker: left behind: ${left.join(', ')}`)
  return { failed: 1 }
}

function skipped(why: string): AsyncDisposable & { why: string } {
  return { why, async [Symbol.asyncDispose]() {} }
}

/** All generations' images. @param keep their sources, for the next empty engine */
async function images(keep: boolean): Promise<boolean> {
  try {
    for (const generation of BROKER_GENERATIONS) await containersReady(generation, text => console.error(text))
    return true
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    console.error(error.message)
  }
  const script = join(import.meta.dirname, '..', '..', 'images-offline.ts')
  const build = spawn(process.execPath, [script, ...(keep ? ['--keep'] : [])], { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve, reject) => build.once('error', reject).once('close', code => resolve(code === 0)))
}
