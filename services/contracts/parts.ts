import { z } from 'zod'
import { areBrokerUrls } from './broker-urls.ts'
import { RequestHeaders } from './model-server.ts'

/** How each part is started, in any runtime: environment variables beside the settings. */
export const PartEnv = z.object({
  /** Name of this part in its lab: `im-a`, `worker-fast` … */
  PART_NAME: z.string().min(1),
  /** Address to listen on. Default loopback; containers set 0.0.0.0. */
  LISTEN_HOST: z.string().default('127.0.0.1'),
  /** Main port: IM node chat + HTTP, worker health + metrics, GPU Ollama API. 0 = any (tests). */
  PORT: z.coerce.number().int().min(0).max(65_535).default(0),
})

/** IM nodes and workers. */
export const BrokerStoreEnv = PartEnv.extend({
  /** One node of the broker, or several with commas: a lost one is replaced by another. */
  AMQP_URL: z.string().refine(areBrokerUrls, 'expected amqp://user:password@host:port/vhost, several with commas'),
  /** postgres://user:password@host:port/database */
  DATABASE_URL: z.string().startsWith('postgres'),
})

/** How a part reaches its model server. */
const ModelServerEnv = z.object({
  /** The model server's only address; redirects are refused. A path is a prefix. */
  OLLAMA_URL: z.url().refine(url => new URL(url).username === '' && new URL(url).password === '', 'no credentials here: OLLAMA_HEADERS'),
  /** Headers of every request to it, a JSON object. Secret: never logged and never shown. */
  OLLAMA_HEADERS: RequestHeaders.default({}),
  /** A secret that ollama.com asks for. */
  OLLAMA_API_KEY: z.string().default(''),
})

/** IM nodes. OLLAMA_URL is needed only when it has capabilities. */
export const ImNodeEnv = BrokerStoreEnv.extend({
  ...ModelServerEnv.partial().shape,
  /** Lab-wide login secret. */
  LAB_SECRET: z.string().min(16),
})

export const WorkerEnv = BrokerStoreEnv.extend(ModelServerEnv.shape)

export const GpuSimEnv = PartEnv.extend({
  /** Lab-only port: inference log, faults, health, metrics. */
  CONTROL_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
})

/** Exit codes of parts and commands. `bug`: unexpected, so never one that means a verdict. */
export const EXIT = { ok: 0, failed: 1, environment: 2, usage: 3, unknown: 4, bug: 70, interrupted: 130 } as const
