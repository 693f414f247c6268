import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import { LabError } from '../errors.ts'

/** RabbitMQ's management API: one request, bounded in time and size. */

export interface ManagementAddress {
  /** http or https, with a path if a proxy has one. Without credentials. */
  url: URL
  user: string
  /** Secret: never logged, never stored. */
  password: string
  /** PEM of authorities to trust instead of the system's. */
  ca?: string | undefined
}

export interface ManagementReply {
  status: number
  text: string
}

const ANSWER_WITHIN_MS = 20_000
const BODY_BYTES_MAX = 64 * 2 ** 20

export class TooLarge extends Error {}

/** @param path after `/api/`, encoded. Any status is a reply. */
export async function callManagement(
  { url, user, password, ca }: ManagementAddress,
  { method, path, body, signal }: { method: 'GET' | 'PUT' | 'DELETE'; path: string; body?: object; signal: AbortSignal },
): Promise<ManagementReply> {
  const options = {
    method,
    auth: `${user}:${password}`,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    ...(ca === undefined ? {} : { ca }),
  }
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const response = await new Promise<Readable & { statusCode?: number }>((resolve, reject) => {
    send(new URL(apiPath(url, path), url.origin), options, resolve)
      .once('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body))
  })
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length
    if (bytes > BODY_BYTES_MAX) throw new TooLarge()
    chunks.push(chunk as Buffer)
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }
}

export const apiPath = (url: URL, path: string) => `${url.pathname.replace(/\/+$/, '')}/api/${path}`

/** undefined where it is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A certificate that is not trusted, by the codes of Node's TLS. */
export const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/

/** What a request without a reply becomes. */
export function unreachable(url: URL, error: unknown): LabError {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  const next = UNTRUSTED.test(code)
    ? 'Trust its authority: --ca FILE (PEM). Its certificate must name the host'
    : 'See whether the plugin is on, and its port open: rabbitmq-plugins enable rabbitmq_management'
  return new LabError('NO_BROKER', `${url.href}: expected an answer, got ${code || message}.\n${next}`, { cause: error })
}
