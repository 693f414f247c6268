import { RequestHeaders } from '#contracts/model-server'
import { LabError } from '../errors.ts'

/** Where a model server is, as people type it. Pure. */

export interface ModelAddress {
  /** Without credentials or trailing slash, since it is shown. A path is a prefix. */
  url: string
  /** Of every request. Secret. */
  headers: RequestHeaders
}

/** Ollama's own, where neither a scheme nor a port is given. */
const DEFAULT_PORT = 11_434

/** Where a server listens on every address, this machine reaches it here. */
const ANY: Record<string, string> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' }

/** Takes a URL, or what `OLLAMA_HOST` takes: `localhost`, `127.0.0.1:11434`, `:11434`, `[::1]`.
 *  @param text credentials in it become a header
 *  @param headersJson further headers, as the text of `OLLAMA_HEADERS`. Throws BAD_MODEL_SERVER. */
export function modelAddress(text: string, headersJson?: string): ModelAddress {
  return addressOf(text, headersOf(headersJson), '--ollama')
}

/** The same for a server of OpenAI's API, with or without `/v1` and what follows it there.
 *  @param apiKey of `MODEL_API_KEY`; headers and credentials that are given too replace it */
export function openAiAddress(
  text: string,
  { headersJson, apiKey = '' }: { headersJson?: string | undefined; apiKey?: string },
): ModelAddress {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text.trim()) && !/:\d+(\/|$)/.test(text))
    throw badAddress('--openai', `expected http://HOST:PORT, got ${JSON.stringify(withoutCredentials(text.trim()))}`)
  if (!/^[\x21-\x7e]*$/.test(apiKey))
    throw new LabError('BAD_MODEL_SERVER', 'MODEL_API_KEY: expected a key without blanks\nLike this: MODEL_API_KEY=KEY npm run …')
  const key: RequestHeaders = apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }
  const { url, headers } = addressOf(text, { ...key, ...headersOf(headersJson) }, '--openai')
  return { url: url.replace(/\/v1(?:\/.*)?$/, ''), headers }
}

function addressOf(text: string, given: RequestHeaders, option: Option): ModelAddress {
  const typed = text.trim()
  const shown = withoutCredentials(typed)
  const url = parsed(typed)
  if (url === undefined) {
    const why = typed.includes('@') ? '; in a password write / ? # @ : as %2F %3F %23 %40 %3A' : ''
    throw badAddress(option, `expected http://HOST:PORT, got ${JSON.stringify(shown)}${why}`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw badAddress(option, `expected http:// or https://, got ${JSON.stringify(url.protocol)}`)
  if (url.search !== '' || url.hash !== '') throw badAddress(option, `expected an address without ? and #, got ${JSON.stringify(shown)}`)
  const host = ANY[url.hostname] ?? url.hostname
  const port = url.port === '' ? '' : `:${url.port}`
  return {
    url: `${url.protocol}//${host}${port}${url.pathname.replace(/\/+$/, '')}`,
    headers: { ...given, ...basic(url) },
  }
}

/** For people: between scheme and last @ there may be a password, parsed or not. */
export function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1')
}

function parsed(typed: string): URL | undefined {
  const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(typed)
  if (hasScheme) return URL.canParse(typed) ? new URL(typed) : undefined
  if (/^[a-z][a-z\d+.-]*:\/|\s/i.test(typed) || typed === '') return undefined
  const bare = /^[\da-f]*:[\da-f:]*:[\da-f:.]*$/i.test(typed) ? `[${typed}]` : typed.replace(/^:(?=\d+$)/, '127.0.0.1:')
  if (!URL.canParse(`http://${bare}`)) return undefined
  const url = new URL(`http://${bare}`)
  // An explicit `:80` is the scheme's own port, which `URL` leaves out.
  if (url.port === '' && !/:80(?:\/|$)/.test(bare)) url.port = String(DEFAULT_PORT)
  return url
}

function basic({ username, password }: URL): RequestHeaders {
  if (username === '' && password === '') return {}
  const credentials = `${decoded(username)}:${decoded(password)}`
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** As typed where it is not a percent encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Names in lower case, so that the address's own credentials replace those of all servers. */
function headersOf(json: string | undefined): RequestHeaders {
  if (json === undefined || json.trim() === '') return {}
  const { data, error } = RequestHeaders.safeParse(json)
  if (data !== undefined) return Object.fromEntries(Object.entries(data).map(([name, value]) => [name.toLowerCase(), value]))
  // The text itself is a secret.
  throw new LabError(
    'BAD_MODEL_SERVER',
    `OLLAMA_HEADERS: each value must be a text (${error.issues[0]?.message})\nLike this: OLLAMA_HEADERS='{"authorization":"Bearer TOKEN"}' npm run …`,
  )
}

type Option = '--ollama' | '--openai'

function badAddress(option: Option, what: string): LabError {
  const port = option === '--ollama' ? DEFAULT_PORT : 8000
  return new LabError('BAD_MODEL_SERVER', `${option}: ${what}\nLike this: ${option} http://127.0.0.1:${port}`)
}
