import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { debianTool, programPath } from '../../setup/machine.ts'
import { cannotStart, type EngineOptions, engineAt, type OwnEngine, startEngine } from './engine.ts'

/** Engines with an empty data root in namespaces of their own, and what a process finds there. */

/** Why tests of such engines are skipped, or undefined. */
export const skipsApart =
  cannotStart() ?? (programPath('ip') === undefined ? 'there is no program ip: apt-get install iproute2' : undefined)

/** Throws where it does not start. */
export async function apart(options: Omit<EngineOptions, 'apart'> = {}): Promise<OwnEngine> {
  const engine = await startEngine({ ...options, apart: true })
  if (typeof engine === 'string') throw new Error(engine)
  return engine
}

/** @param code an expression over our module `m`. @returns its result by JSON; errors by code */
export async function insideNetworkOf(engine: OwnEngine, module: string, code: string): Promise<unknown> {
  const script = `import * as m from ${JSON.stringify(module)}
    const told = await Promise.resolve(${code}).catch(error => ({ code: error.code, message: error.message }))
    process.stdout.write(JSON.stringify(told ?? null), () => process.exit())`
  const enter = [`--net=/proc/${engine.pid}/ns/net`, process.execPath, '--input-type=module', '-e', script]
  const env = { ...process.env, ...engineAt(engine.host) }
  const { stdout } = await promisify(execFile)(debianTool('nsenter'), enter, { env, timeout: 60_000 })
  return JSON.parse(stdout)
}

/** Brings an image from the engine of the suite to another one. */
export async function bringImage(image: string, engine: OwnEngine): Promise<void> {
  const save = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'inherit'] })
  const load = spawn('docker', ['load', '--quiet'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, ...engineAt(engine.host) },
  })
  save.stdout.pipe(load.stdin)
  const [code] = await once(load, 'close')
  if (code !== 0) throw new Error(`docker load of ${image}: exit code ${code}`)
}
