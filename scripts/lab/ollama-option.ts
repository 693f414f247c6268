import { resolve } from 'node:path'
import { type GpuPlan, LabError, modelAddress, withoutCredentials } from '#lab'

/** `--ollama URL[=NAME]` of `lab:up`. */

/** Each server in place of its named GPU, or the first free one. Throws UNKNOWN_PART,
 *  BAD_MODEL_SERVER. @param env headers of all requests: `OLLAMA_HEADERS` */
export function withModelServers(
  gpus: readonly GpuPlan[],
  texts: readonly string[],
  env: Record<string, string | undefined> = process.env,
): GpuPlan[] {
  const given = texts.map(text => {
    const [, address = text, name] = /^(.*)=([a-z][a-z0-9-]*)$/s.exec(text) ?? []
    return { address, name }
  })
  const named = given.flatMap(({ name }) => name ?? [])
  const known = gpus.map(gpu => gpu.name)
  const wrong = named.find((name, index) => !known.includes(name) || named.indexOf(name) !== index)
  if (wrong !== undefined) throw misplaced(`${known.includes(wrong) ? 'one URL' : 'a name'} for each of ${known.join(', ')}`, `${wrong}`)
  const free = known.filter(name => !named.includes(name))
  const result = gpus.map(gpu => ({ ...gpu }))
  for (const { address, name = free.shift() } of given) {
    const gpu = result.find(one => one.name === name)
    if (gpu === undefined) throw misplaced(`at most ${gpus.length}, one for each of ${known.join(', ')}`, withoutCredentials(address))
    const { url, headers } = modelAddress(address, env['OLLAMA_HEADERS'])
    gpu.url = url
    if (Object.keys(headers).length > 0) gpu.headers = headers
    // A worker has its own environment, and another shell may restart it.
    const certificates = env['NODE_EXTRA_CA_CERTS'] ?? ''
    if (url.startsWith('https:') && certificates !== '') gpu.certificates = resolve(certificates)
  }
  return result
}

function misplaced(expected: string, got: string): LabError {
  return new LabError(
    'UNKNOWN_PART',
    `--ollama: expected ${expected}, got ${JSON.stringify(got)}\nLike this: npm run lab:up -- --ollama http://127.0.0.1:11434=gpu-fast`,
  )
}
