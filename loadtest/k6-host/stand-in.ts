#!/usr/bin/env node
/** Plays k6 in tests: its modules on Node's event loop, without thresholds.
 *  It proves what the scripts do, and nothing of k6. */
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'

const EXIT = { interrupted: 105, aborted: 108 }
const startedAtMs = performance.now()
const vu = { idInTest: 0, metrics: { metadata: {} as Record<string, string> } }

class Metric {
  readonly #name: string
  constructor(name: string) {
    this.#name = name
  }

  add(value: number): void {
    const data = { time: new Date().toISOString(), value, tags: {}, metadata: vu.metrics.metadata }
    console.log(JSON.stringify({ metric: this.#name, type: 'Point', data }))
  }
}

/** As k6's: a send on a connection that is not open throws. */
class StrictSocket extends WebSocket {
  override send(text: string): void {
    if (this.readyState !== WebSocket.OPEN) throw new Error('InvalidStateError')
    super.send(text)
  }
}

async function asyncRequest(method: string, url: string, body: string, { headers }: { headers: Record<string, string> }) {
  const answer = await fetch(url, { method, body, headers })
  const text = await answer.text()
  return { status: answer.status, body: text, json: (key: string) => (JSON.parse(text) as Record<string, unknown>)[key] }
}

function abort(message: string): never {
  console.error(`test aborted: ${message}`)
  process.exit(EXIT.aborted)
}

const instance = {
  get currentTestRunDuration(): number {
    return performance.now() - startedAtMs
  },
}
const modules: Record<string, object> = {
  'k6/execution': { default: { vu, instance, test: { abort } } },
  'k6/http': { default: { asyncRequest } },
  'k6/metrics': { Counter: Metric, Trend: Metric },
  'k6/timers': { setTimeout, setInterval, clearInterval },
  'k6/websockets': { WebSocket: StrictSocket },
}
Object.assign(globalThis, { __ENV: process.env, modules })
registerHooks({
  resolve(name, context, next) {
    const exported = modules[name]
    if (exported === undefined) return next(name, context)
    const source = Object.keys(exported).map(key => `const its_${key} = modules['${name}'].${key}; export { its_${key} as "${key}" }`)
    return { url: `data:text/javascript,${encodeURIComponent(source.join('\n'))}`, shortCircuit: true }
  },
})

interface Script {
  default(): Promise<void>
  options: { scenarios: { load: { vus: number } } }
}
const script = (await import(resolve(process.argv.at(-1) ?? ''))) as Script
process.on('SIGINT', () => process.exit(EXIT.interrupted))
for (let left = script.options.scenarios.load.vus; left > 0; left -= 1) {
  vu.idInTest += 1
  void script.default()
}
