import { resolve } from 'node:path'
import { LabError, type LabPlan, modelAddress, openAiAddress, withoutCredentials } from '#lab'

/** `--ollama URL[=NAME]` and `--openai URL[=NAME]` of `lab:up`. */

export interface ModelServersAsked {
  ollama: readonly string[]
  openai: readonly string[]
}

type Env = Record<string, string | undefined>

/** Each server in place of its named GPU, or the first free one; workers of `--openai` ask in that
 *  API. Throws UNKNOWN_PART, BAD_MODEL_SERVER. @param env headers of all requests, and a key */
export function withModelServers(plan: LabPlan, { ollama, openai }: ModelServersAsked, env: Env = process.env): LabPlan {
  const given = [...ollama.map(text => parted(text, 'ollama')), ...openai.map(text => parted(text, 'openai'))]
  const named = given.flatMap(({ name }) => name ?? [])
  const known = plan.gpus.map(gpu => gpu.name)
  const wrong = named.find((name, index) => !known.includes(name) || named.indexOf(name) !== index)
  if (wrong !== undefined) throw misplaced(`${known.includes(wrong) ? 'one URL' : 'a name'} for each of ${known.join(', ')}`, `${wrong}`)
  const free = known.filter(name => !named.includes(name))
  const gpus = plan.gpus.map(gpu => ({ ...gpu }))
  const partSettings = { ...plan.partSettings }
  for (const { api, text, name = free.shift() } of given) {
    const gpu = gpus.find(one => one.name === name)
    if (gpu === undefined) throw misplaced(`at most ${gpus.length}, one for each of ${known.join(', ')}`, withoutCredentials(text))
    const { url, headers } = addressOf(api, text, env)
    gpu.url = url
    if (Object.keys(headers).length > 0) gpu.headers = headers
    // A worker has its own environment, and another shell may restart it.
    const certificates = env['NODE_EXTRA_CA_CERTS'] ?? ''
    if (url.startsWith('https:') && certificates !== '') gpu.certificates = resolve(certificates)
    if (api === 'ollama') continue
    for (const worker of plan.workers)
      if (worker.gpu === gpu.name) partSettings[worker.name] = { ...partSettings[worker.name], modelApi: 'openai' }
  }
  return { ...plan, gpus, partSettings }
}

type Api = keyof ModelServersAsked

function parted(given: string, api: Api): { api: Api; text: string; name: string | undefined } {
  const [, text = given, name] = /^(.*)=([a-z][a-z0-9-]*)$/s.exec(given) ?? []
  return { api, text, name }
}

function addressOf(api: Api, text: string, env: Env) {
  const headersJson = env['OLLAMA_HEADERS']
  return api === 'ollama' ? modelAddress(text, headersJson) : openAiAddress(text, { headersJson, apiKey: env['MODEL_API_KEY'] ?? '' })
}

function misplaced(expected: string, got: string): LabError {
  return new LabError(
    'UNKNOWN_PART',
    `--ollama, --openai: expected ${expected}, got ${JSON.stringify(got)}\nLike this: npm run lab:up -- --ollama http://127.0.0.1:11434=gpu-fast`,
  )
}
