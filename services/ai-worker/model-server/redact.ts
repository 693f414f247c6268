import type { RequestHeaders } from '#contracts/model-server'

/** Servers echo requests into their errors: our logs must show no prompt and no secret. */

/** A prompt's run of this many characters is a quote, not a coincidence. */
const PROMPT_RUN = 16
/** Of a secret fewer do, since servers shorten what they quote. */
const SECRET_RUN = 8
/** Shorter values are not secrets, and hiding them would garble words. */
const SECRET_MIN = 4
const HIDDEN = '[hidden]'

/** What may be secret in a model server's address, headers and key. */
export function secretsOf(url: string, headers: RequestHeaders, apiKey = ''): string[] {
  const { username, password, pathname, search } = new URL(url)
  const found = [username, password, decodeURIComponent(username), decodeURIComponent(password), pathname, search, apiKey]
  for (const value of Object.values(headers)) {
    const [scheme = '', ...words] = value.split(/\s+/)
    found.push(...(words.length === 0 ? [scheme] : words))
    if (/^basic$/i.test(scheme))
      found.push(
        ...Buffer.from(words[0] ?? '', 'base64')
          .toString()
          .split(':'),
      )
  }
  return [...new Set(found)].filter(secret => secret.length >= SECRET_MIN)
}

/** The text without these secrets and without runs of the prompt, as they are or escaped. */
export function redacted(text: string, secrets: readonly string[], prompt = ''): string {
  const plain = lowered(text)
  const hidden = new Uint8Array(text.length)
  const hide = (source: string, run: number) => {
    for (const form of formsOf(source)) {
      const runs = new Set(Array.from({ length: Math.max(0, form.length - run + 1) }, (_, i) => form.slice(i, i + run)))
      for (let i = 0; i + run <= plain.length; i += 1) if (runs.has(plain.slice(i, i + run))) hidden.fill(1, i, i + run)
    }
  }
  for (const secret of secrets) hide(secret, Math.min(SECRET_RUN, secret.length))
  hide(prompt, PROMPT_RUN)
  let shown = ''
  for (let i = 0; i < text.length; i += 1)
    if (hidden[i] === 0) shown += text[i]
    else if (hidden[i - 1] !== 1) shown += HIDDEN
  return shown
}

/** As it is, as JSON, as JSON in ASCII, in an address. */
function formsOf(source: string): Set<string> {
  const json = JSON.stringify(source).slice(1, -1)
  const ascii = json.replace(/[\u0080-\uffff]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return new Set([source, json, ascii, encodeURIComponent(source.toWellFormed())].map(lowered))
}

/** Of the same length, which `toLowerCase` does not promise. */
const lowered = (text: string) => text.replace(/[A-Z]/g, c => c.toLowerCase())
