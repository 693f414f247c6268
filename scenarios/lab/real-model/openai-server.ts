import { z } from 'zod'
import { fullModelName } from '#contracts/model-server'
import { LabError } from '../errors.ts'
import { checkPlan, type LabPlan, settingsOf } from '../plan.ts'
import type { ModelAddress } from './address.ts'
import { call } from './http.ts'
import { LOOK_WITHIN_MS, wrongServer } from './wrong-server.ts'

/** Before a lab starts: what its real servers of OpenAI's API serve. */

const List = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) })

/** Names of its models, in its order. Throws NO_MODEL_SERVER. */
export async function openAiModels(address: ModelAddress, signal?: AbortSignal): Promise<string[]> {
  const reply = await call(address, '/v1/models', { withinMs: LOOK_WITHIN_MS, signal })
  const list = List.safeParse(reply.json)
  if (reply.status !== 200 || !list.success) throw await wrongServer('openai', address, reply, signal)
  return list.data.data.map(({ id }) => id)
}

/** The plan with the model of each server that serves just one, unless a model was set.
 *  @returns notices of that. Throws NO_MODEL_SERVER, NO_MODEL, BAD_SETTING. */
export async function withServedModels(plan: LabPlan, signal?: AbortSignal): Promise<{ plan: LabPlan; notices: string[] }> {
  checkPlan(plan)
  const partSettings = { ...plan.partSettings }
  const notices: string[] = []
  for (const { name: worker, gpu } of plan.workers) {
    const { url, headers = {} } = plan.gpus.find(one => one.name === gpu) ?? {}
    const { modelApi, model } = settingsOf(plan, worker)
    if (url === undefined || modelApi !== 'openai') continue
    const served = await openAiModels({ url, headers }, signal)
    // Ollama lists `:latest` with a name, and takes it without.
    if (served.includes(model) || served.includes(fullModelName(model))) continue
    const [only] = served
    const wasSet = plan.partSettings[worker]?.model ?? plan.settings.model
    if (wasSet !== undefined || only === undefined || served.length > 1) throw noModel(url, model, served)
    partSettings[worker] = { ...partSettings[worker], model: only }
    notices.push(`${worker} asks for ${only}, the one model of ${url}`)
  }
  return { plan: { ...plan, partSettings }, notices }
}

const SHOWN_MAX = 10

function noModel(url: string, wanted: string, served: readonly string[]): LabError {
  const [first] = served
  const more = served.length > SHOWN_MAX ? `, and ${served.length - SHOWN_MAX} more` : ''
  const next =
    first === undefined
      ? `It serves none. See: curl ${url}/v1/models`
      : `It serves ${served.slice(0, SHOWN_MAX).join(', ')}${more}\nType: --set model=${first}`
  return new LabError('NO_MODEL', `${url}: expected the model ${wanted}, but the server does not have it.\n${next}`)
}
