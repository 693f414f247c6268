#!/usr/bin/env node
/** Stands in for k6 in tests: runs `loadtest/k6/` on Node, with k6's modules as documented. It
 *  proves the scripts and their reader, not k6; no command starts it. */
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { crossed, summaryOf } from './registry.ts'

interface Script {
  default(): Promise<void>
  handleSummary(summary: unknown): { stdout: string }
  options: { scenarios: { load: { vus: number } }; thresholds: Record<string, string[]> }
}

const EXIT = { threshold: 99, interrupted: 105, aborted: 108 }
const log = (level: string, msg: string) => process.stderr.write(`${JSON.stringify({ level, msg, source: 'console' })}\n`)

// Each VU has modules of its own: the query is handed down to all that a VU's script imports.
registerHooks({
  resolve(specifier, context, next) {
    const vu = context.parentURL === undefined ? '' : new URL(context.parentURL).search
    if (/^k6(\/|$)/.test(specifier))
      return { url: new URL(`./modules/${specifier.slice(3)}.ts${vu}`, import.meta.url).href, shortCircuit: true }
    const found = next(specifier, context)
    return vu !== '' && specifier.startsWith('.') ? { ...found, url: `${found.url}${vu}` } : found
  },
})

const url = pathToFileURL(process.argv.at(-1) ?? '').href
const importVu = async (vu: number) => (await import(`${url}?vu=${vu}`)) as Script
const standIn = { startedAtMs: performance.now(), aborted: (message: string) => finish(EXIT.aborted, message) }
Object.assign(globalThis, { __ENV: process.env, standIn })
console.log = (text: string) => log('info', text)

const script = await importVu(0)
process.on('SIGINT', () => finish(EXIT.interrupted))
const vus = await Promise.all(Array.from({ length: script.options.scenarios.load.vus }, (_, index) => importVu(index + 1)))
standIn.startedAtMs = performance.now()
await Promise.all(vus.map(vu => vu.default()))
finish(crossed(script.options.thresholds).size > 0 ? EXIT.threshold : 0)

function finish(exitCode: number, error?: string): void {
  if (error !== undefined) log('error', `test aborted: ${error}`)
  process.stdout.write(script.handleSummary(summaryOf(script.options.thresholds)).stdout, () => process.exit(exitCode))
}
