import { LabError } from '../errors.ts'
import { checkPlan, type GpuPlan, type LabPlan, settingsOf } from '../plan.ts'
import { inspectModelServer, type Model, type ModelServer, namedModel, reasons } from './inspect.ts'

/** Before a lab starts: whether its real model servers can do what workers will ask. What those of
 *  OpenAI's API serve: `openai-server.ts`. */

/** Below that a reasoning model often has no token left for its answer. */
const ROOM_TO_REASON_TOKENS = 2_000

/** @returns warnings. Throws NO_MODEL_SERVER, NO_MODEL, BAD_SETTING within seconds. */
export async function lookAtModelServers(plan: LabPlan, signal?: AbortSignal): Promise<string[]> {
  const real = plan.gpus.filter(gpu => gpu.url !== undefined)
  if (real.length === 0) return []
  checkPlan(plan)
  const servers = new Map<string, Promise<ModelServer>>()
  const models = new Map<string, Promise<Model>>()
  const looks = plan.workers.map(async ({ name, gpu }) => {
    const { url = '', headers = {} } = real.find(one => one.name === gpu) ?? {}
    if (url === '') return []
    const { modelApi, model: wanted, think, answerTokensMax } = settingsOf(plan, name)
    if (modelApi === 'openai') return [] // It lists names alone.
    const server = await once(servers, url, () => inspectModelServer({ url, headers }, signal))
    const model = await once(models, `${url} ${wanted}`, () => namedModel(server, wanted, other => `--set model=${other}`, signal))
    if (!reasons(model)) {
      if (think !== 'unset' && think !== 'false' && model.capabilities !== undefined)
        throw new LabError(
          'BAD_SETTING',
          `think: expected unset or false, got ${think}: ${model.name} on ${url} does not reason.\nSee: npm run settings -- think`,
        )
      return []
    }
    if (think === 'false' || answerTokensMax >= ROOM_TO_REASON_TOKENS) return []
    return [
      `${model.name} reasons first, which counts towards answerTokensMax (${answerTokensMax}). Against cut answers: --set think=false, or --set answerTokensMax=4000`,
    ]
  })
  return [...new Set([...(await Promise.all(looks)).flat(), ...mixed(plan), ...shared(real)])]
}

/** A part of the workers asks simulated GPUs. */
function mixed({ gpus, workers }: LabPlan): string[] {
  const asked = gpus.filter(gpu => workers.some(worker => worker.gpu === gpu.name))
  const simulated = asked.filter(gpu => gpu.url === undefined).map(gpu => gpu.name)
  const real = asked.filter(gpu => gpu.url !== undefined).map(gpu => gpu.name)
  if (simulated.length === 0 || real.length === 0) return []
  const idle = workers.filter(worker => simulated.includes(worker.gpu)).map(worker => worker.name)
  const stays = simulated.length === 1 ? 'stays' : 'stay'
  return [
    `${simulated.join(', ')} ${stays} simulated: answers are mixed, real ones from ${real.join(', ')}, simulated ones from ${simulated.join(', ')}. Real ones alone: npm run lab:stop ${idle.join(' ')}`,
  ]
}

/** Workers of one server wait for each other unless it answers several at once. */
function shared(real: readonly GpuPlan[]): string[] {
  return [...Map.groupBy(real, gpu => gpu.url)].flatMap(([url, gpus]) =>
    gpus.length < 2
      ? []
      : [
          `${gpus.map(gpu => gpu.name).join(' and ')} are one server, ${url}: their workers wait for each other unless it answers several at once`,
        ],
  )
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const made = known.get(key) ?? make()
  known.set(key, made)
  return made
}
