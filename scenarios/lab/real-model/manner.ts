import { BOUNDS, type Bounds, ChatRefused, chat, type Generation } from './chat.ts'
import { chatModels, type Model, type ModelServer, namedModel, noModel, reasons } from './inspect.ts'

/** How a model has to be asked, so that a short answer is an answer: found out by asking it. */

export interface Manner {
  /** `think` of the request; undefined = the model's default. */
  think: false | undefined
  /** Tokens of reasoning before an answer. 0: none when asked so. Infinity: more than tried. */
  reasoningTokens: number
}

export interface ReadyModel extends Model, Manner {}

const SHORT_TOKENS = 24
const LONG_TOKENS = 2_048
/** Reasoning differs from prompt to prompt. */
const ROOM_FACTOR = 3

/** The model of that name, else the first that can chat. Throws NO_MODEL, NO_MODEL_SERVER. */
export async function readyModel(
  server: ModelServer,
  wanted: string | undefined,
  signal: AbortSignal,
  bounds: Bounds = BOUNDS,
): Promise<ReadyModel> {
  const choose = (name: string) => `--model ${name}`
  if (wanted !== undefined) {
    const model = await namedModel(server, wanted, choose, signal)
    return { ...model, ...(await mannerOf(server, model, signal, bounds)) }
  }
  const candidates = await chatModels(server, signal)
  for (const model of candidates) {
    try {
      return { ...model, ...(await mannerOf(server, model, signal, bounds)) }
    } catch (error) {
      // Some servers do not tell what a model can do, and some tell wrong.
      if (!(error instanceof ChatRefused)) throw error
    }
  }
  const listed = server.models.length === 0 ? 'it has no models.' : `none of its models can chat: ${server.models.join(', ')}.`
  throw noModel(server, `expected a model that can chat, ${listed}`, [], choose)
}

async function mannerOf(server: ModelServer, model: Model, signal: AbortSignal, bounds: Bounds): Promise<Manner> {
  const ask = (tokens: number, think: false | undefined) =>
    chat(server, { model: model.name, prompt: 'What is the sea?', tokens, think }, signal, bounds)
  const think = reasons(model) ? false : undefined
  const short = await ask(SHORT_TOKENS, think)
  if (!reasoned(short)) return { think, reasoningTokens: 0 }
  // It cannot stop thinking, or nobody knew that it does.
  const long = await ask(LONG_TOKENS, undefined)
  const answer = long.content.replace(/^\s*<think>[\s\S]*?(?:<\/think>|$)/, '').trim()
  return { think: undefined, reasoningTokens: answer === '' ? Number.POSITIVE_INFINITY : ROOM_FACTOR * long.answerTokens }
}

const reasoned = ({ content, reasoning }: Generation) => reasoning !== '' || /^\s*<think>/.test(content)
