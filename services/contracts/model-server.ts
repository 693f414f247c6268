import { z } from 'zod'

/** What everybody who speaks to a model server must do alike. Pure. */

const name = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'expected header names')
const value = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'expected header values of one line')

/** Request headers as the text of a JSON object: `{"authorization": "Bearer …"}`. */
export const RequestHeaders = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a JSON object of headers' })
      return z.NEVER
    }
  })
  .pipe(z.record(name, value))
export type RequestHeaders = z.output<typeof RequestHeaders>

/** A call's address, after the server's path: `http://host/ollama` + `/api/tags`. */
export function apiUrl(base: string, path: `/${string}`): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`
  return url
}

/** Names as the server lists them: without a tag a model is `:latest`. */
export function fullModelName(model: string): string {
  return /:[^/]*$/.test(model) ? model : `${model}:latest`
}
