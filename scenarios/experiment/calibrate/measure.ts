import { chat, type Generation } from '#lab'
import type { Measured, ServedModel } from './profile.ts'
import type { Quiet } from './quiet.ts'

/** Requests that measure a server's speed: 90 s on a slow one, more on a busy machine. */

const ALONE = 8
const LONG = 3
const TOGETHER = [2, 4]
const ROUNDS_TOGETHER = 2
export const ANSWER_TOKENS = 48
/** Enough to see prefill beside the rest of an answer. */
const LONG_WORDS = 150

/** Each prompt starts differently, since a server caches what it has read. */
let asked = 0
const unlike = (text: string) => `${(asked++).toString(36)}${Math.round(performance.now() * 1_000).toString(36)}. ${text}`
/** An open-ended answer: asked to count to five hundred, a small model stops early. */
export const question = () => unlike('Tell a long story about a ship and its crew, with many details.')
const long = () => unlike(`${Array.from({ length: LONG_WORDS }, (_, i) => `word${(i * 7919) % 997}`).join(' ')}. Say yes.`)

/** @param quiet tells afterwards what is wrong with the figures */
export async function measure(server: ServedModel, quiet: Quiet, signal: AbortSignal, say: (text: string) => void): Promise<Measured> {
  await quiet.settled(signal)
  const loadMs = await coldLoad(server, signal)
  say(`loaded in ${Math.round(loadMs)} ms`)
  // One token; the rest is the template's frame, which a server reads once and caches.
  const frameTokens = (await generate(server, 'a', 1, signal)).promptTokens - 1
  const alone = await quiet.times(ALONE, signal, () => generate(server, question(), ANSWER_TOKENS, signal))
  say(`${ALONE} answers alone`)
  const longOnes = await quiet.times(LONG, signal, () => generate(server, long(), 2, signal))
  say(`${LONG} long prompts`)
  const together = new Map<number, Generation[]>()
  for (const streams of TOGETHER) {
    const rounds = await quiet.times(ROUNDS_TOGETHER, signal, () =>
      Promise.all(Array.from({ length: streams }, () => generate(server, question(), ANSWER_TOKENS, signal))),
    )
    // The faster round: the other met something else.
    const took = (runs: Generation[]) => Math.max(...runs.map(run => run.endedMs)) - Math.min(...runs.map(run => run.startedMs))
    together.set(streams, rounds.toSorted((a, b) => took(a) - took(b))[0] ?? [])
    say(`${streams} at once`)
  }
  return { server, frameTokens, alone, long: longOnes, together, loadMs }
}

const generate = (server: ServedModel, prompt: string, tokens: number, signal: AbortSignal) =>
  chat(server, { model: server.name, prompt, tokens, think: server.think }, signal)

/** Lets go of the model and loads it. Milliseconds. */
async function coldLoad(server: ServedModel, signal: AbortSignal): Promise<number> {
  await chat(server, { model: server.name, keepAlive: 0 }, signal)
  const startedMs = performance.now()
  await chat(server, { model: server.name }, signal)
  return performance.now() - startedMs
}
