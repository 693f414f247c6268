import { z } from 'zod'
import { fullModelName } from '#contracts/model-server'
import { LabError } from '../errors.ts'
import type { ModelAddress } from './address.ts'
import { call } from './http.ts'
import { LOOK_WITHIN_MS, wrongServer } from './wrong-server.ts'

/** Before a start: does the server answer, is it Ollama, and which models can chat. */

export interface ModelServer extends ModelAddress {
  /** `unknown` where the server does not tell: some that imitate Ollama do not. */
  version: string
  /** All that it lists, embedding models too. */
  models: readonly string[]
}

export interface Model {
  name: string
  /** Parameters, in billions. */
  billions: number
  /** undefined where the server does not tell. */
  capabilities: readonly string[] | undefined
}

/** Of a server with hundreds of models not all are looked at. */
const DESCRIBED_MAX = 24

const Named = z.looseObject({ name: z.string().optional(), model: z.string().optional() })
const Tags = z.looseObject({ models: z.array(Named).nullable() })
const Version = z.looseObject({ version: z.string() })
const Show = z.looseObject({
  capabilities: z.array(z.string()).nullish(),
  details: z.looseObject({ parameter_size: z.string().nullish() }).nullish(),
})

/** Throws NO_MODEL_SERVER. */
export async function inspectModelServer(address: ModelAddress, signal?: AbortSignal): Promise<ModelServer> {
  const withinMs = LOOK_WITHIN_MS
  const reply = await call(address, '/api/tags', { withinMs, signal })
  const tags = Tags.safeParse(reply.json)
  if (reply.status !== 200 || !tags.success) throw await wrongServer('ollama', address, reply, signal)
  const version = await call(address, '/api/version', { withinMs, signal })
  return {
    ...address,
    version: Version.safeParse(version.json).data?.version ?? 'unknown',
    models: (tags.data.models ?? []).flatMap(({ name, model }) => name ?? model ?? []),
  }
}

/** A model's description; nothing from a server that does not know the question. */
export async function describeModel(server: ModelServer, name: string, signal?: AbortSignal): Promise<Model> {
  const { json } = await call(server, '/api/show', { body: { model: name }, withinMs: LOOK_WITHIN_MS, signal })
  const { data } = Show.safeParse(json)
  return { name, billions: parameters(data?.details?.parameter_size ?? ''), capabilities: data?.capabilities ?? undefined }
}

/** `134.52M`, `8.0B` -> billions; 8 where the server does not tell. */
export function parameters(size: string): number {
  const [, figure, unit] = /^([\d.]+)\s*([KMBT])/i.exec(size) ?? []
  const per: Record<string, number> = { K: 1e-6, M: 1e-3, B: 1, T: 1e3 }
  return figure === undefined || unit === undefined ? 8 : Math.round(Number(figure) * (per[unit.toUpperCase()] ?? 1) * 1_000) / 1_000
}

/** Whether nothing speaks against it. */
export const mayChat = ({ capabilities }: Model) => capabilities === undefined || capabilities.includes('completion')
export const reasons = ({ capabilities }: Model) => capabilities?.includes('thinking') === true

/** Those that may chat, in the server's order. */
export async function chatModels(server: ModelServer, signal?: AbortSignal): Promise<Model[]> {
  const described = await Promise.all(server.models.slice(0, DESCRIBED_MAX).map(name => describeModel(server, name, signal)))
  return described.filter(mayChat)
}

/** A model by name. @param choose how to pick another, such as `--model NAME`. Throws NO_MODEL. */
export async function namedModel(
  server: ModelServer,
  wanted: string,
  choose: (name: string) => string,
  signal?: AbortSignal,
): Promise<Model> {
  const name = server.models.find(listed => fullModelName(listed) === fullModelName(wanted))
  const model = name === undefined ? undefined : await describeModel(server, name, signal)
  if (model !== undefined && mayChat(model)) return model
  const what =
    model === undefined
      ? `expected the model ${wanted}, but the server does not have it.`
      : `expected a model that can chat; ${wanted} only does: ${model.capabilities?.join(', ') || 'nothing'}.`
  throw noModel(server, what, await chatModels(server, signal), choose, model === undefined ? wanted : undefined)
}

export function noModel(
  server: Pick<ModelServer, 'url'>,
  what: string,
  others: readonly Model[],
  choose: (name: string) => string,
  pull = 'NAME',
): LabError {
  const fetch = `ollama pull ${pull}, where that server runs`
  const [first] = others
  const next =
    first === undefined
      ? `It has no model that can chat. Type: ${fetch}`
      : `It can chat with: ${others.map(({ name }) => name).join(', ')}\nType: ${choose(first.name)}; or ${fetch}`
  return new LabError('NO_MODEL', `${server.url}: ${what}\n${next}`)
}
