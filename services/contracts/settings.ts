import { z } from 'zod'
import { GPU_PROFILE_EXPECTED, isGpuProfile } from './gpu-profiles.ts'
import { UserId } from './ids.ts'
import { CONSUMER_TIMEOUT_MS } from './limits.ts'
import { didYouMean } from './nearest.ts'
import { envName, type Setting, SettingsError, setting, shared, shown } from './setting.ts'
import { capabilities, flag, list, name, number, oneOf, text, whole } from './setting-types.ts'
import { ARTICLE_APOLOGY } from './tasks.ts'

export { envName, SettingsError }

/** Each setting: name, type, range, meaning, defaults. `workerPrefetchTasks` is the variable
 *  `WORKER_PREFETCH_TASKS`. `npm run settings` prints this; services/README.md quotes it. */

export const Design = z.enum(['sound', 'article'])
export type Design = z.infer<typeof Design>

export const SETTINGS = {
  // Chat path
  chatStored: shared(setting(flag, 'Store and number each message first. Off: transient events, no sequence, no resume.', true, false)),
  fanoutBatching: setting(flag, 'The fast way: events share a broker message, ready to write. Off: plain.', true, false),
  fanoutQueueName: setting(text(100), "A node's durable fan-out queue. Empty: exclusive, named by the server.", '', 'im.{node}'),
  publisherConfirms: setting(flag, 'Answer `stored` only after the broker confirmed the publish.', true, false),
  confirmTimeoutMs: setting(whole(50, 60_000), 'No confirm within this: the sender gets a retryable refusal. Milliseconds.', 2_000),
  headCheckMs: setting(
    whole(0, 600_000),
    'Interval at which a node compares stored heads with its users. Milliseconds, 0 = never.',
    3_000,
    0,
  ),
  relayMs: setting(whole(0, 600_000), 'Interval at which a node publishes forgotten tasks. Milliseconds, 0 = never.', 2_000, 0),
  // Caps at the edge
  authDeadlineMs: setting(whole(100, 60_000), 'A connection must present its token within this. Milliseconds.', 5_000),
  tokenLifetimeSeconds: setting(whole(1, 604_800), 'Life of a login token. Seconds.', 86_400),
  originAllowed: setting(
    list(z.string(), 'expected origins, comma separated'),
    'Web origins that may connect, comma separated; no browser, no check.',
    [],
  ),
  nodeConnectionsMax: setting(whole(1, 100_000), 'Connections that one node accepts.', 10_000),
  userConnectionsMax: setting(whole(1, 1_000), "One user's connections on one node.", 16),
  userFramesPerSecond: setting(whole(1, 1_000_000), "One user's `send` and `cancel` frames a second on a node; twice in a burst.", 100),
  userTasksMax: setting(whole(1, 1_000_000), "One user's tasks that are queued or running; further prompts are refused.", 20),
  sendBufferMaxBytes: setting(whole(65_536, 1_073_741_824), 'A reader with more than this unsent is closed as slow. Bytes.', 1_048_576),
  pingMs: setting(whole(100, 600_000), 'WebSocket ping interval. Milliseconds.', 25_000),
  pongMs: setting(whole(100, 600_000), 'No pong within this after a ping: closed. Milliseconds.', 8_000),
  // Bot hand-over
  robotUser: shared(setting(UserId, "The robot's user id; a message to it is a prompt.", 'URobot')),
  apologyText: setting(text(500), 'The text after the last attempt.', 'No answer. Please ask again later.', ARTICLE_APOLOGY),
  capabilitiesOffered: setting(capabilities, 'Routing keys that an asker may name. IM nodes declare their queues.', ['chat']),
  taskQueueType: shared(setting(oneOf('quorum', 'classic'), 'Type of the work queues.', 'quorum', 'classic')),
  taskQueueMaxTasks: shared(
    setting(whole(0, 10_000_000), 'Length cap of a work queue; beyond it askers hear "busy". 0 = none.', 10_000, 0),
  ),
  taskDeliveryLimit: shared(setting(whole(0, 1_000_000), "Quorum queues: the broker's limit of failed deliveries. 0 = its default.", 20)),
  taskRetryDelayMs: setting(whole(0, 3_600_000), 'Quorum queues on 4.3: pause before a task comes back. Milliseconds, 0 = none.', 0),
  consumerTimeoutMs: setting(
    whole(1_000, 2_147_483_647),
    'RabbitMQ takes back a task held longer (4.3: quorum queues only). Milliseconds.',
    CONSUMER_TIMEOUT_MS,
  ),
  taskPersistent: setting(flag, 'Publish tasks as persistent messages.', true),
  taskAttemptsMax: setting(whole(0, 1_000), 'Inferences of a task, crashes included; then apology and dead-letter. 0 = no limit.', 3, 0),
  conversationInOrder: shared(setting(flag, 'One task of a conversation at a time, in order. Needs `chatStored`.', false)),
  userTasksAtOnce: shared(
    setting(whole(0, 1_000_000), "One user's tasks at the workers; others wait in the outbox. 0 = all. Needs `chatStored`.", 0),
  ),
  waitingMs: setting(whole(0, 60_000), 'Interval of news about a waiting task, if it moved. Milliseconds, 0 = never.', 1_000, 0),
  // Worker
  capabilities: setting(capabilities, 'Routing keys that this part consumes. Default of workers: `chat`; of IM nodes: none.', []),
  workerPrefetchTasks: setting(whole(0, 65_535), 'Unacknowledged tasks that the broker sends to a worker. 0 = unlimited.', 1, 250),
  workerSlots: setting(whole(1, 1_000), 'Inferences that a worker runs at a time, whatever the prefetch.', 1),
  workerPriority: setting(whole(-128, 127), 'Consumer priority (`x-priority`): the highest first. It hoards up to its prefetch.', 0),
  workerBacklogMin: setting(whole(0, 1_000_000), 'Takes a task only while this many wait, or nobody else consumes. 0 = always.', 0),
  workerAck: setting(
    oneOf('after-answer', 'automatic'),
    '`automatic`: a task counts as done once it is sent to the worker.',
    'after-answer',
  ),
  retryVerb: setting(
    oneOf('reject', 'nack'),
    'How a failed task goes back. On 4.3 only `reject` counts towards the delivery limit.',
    'reject',
    'nack',
  ),
  failureHandling: setting(
    oneOf('sorted', 'retry', 'article'),
    'What costs an attempt: its own faults (`sorted`), all (`retry`), none.',
    'sorted',
    'article',
  ),
  serverPauseMaxMs: setting(
    whole(100, 3_600_000),
    'Longest pause of a worker while its model server is sick or busy. Milliseconds.',
    10_000,
  ),
  partialsPerSecond: setting(whole(0, 1_000), 'Partial answers per second and task. 0 = none.', 20, 0),
  drainMs: setting(whole(0, 600_000), 'SIGTERM: time to finish what runs before it is given back. Milliseconds.', 5_000),
  // Model
  modelApi: setting(
    oneOf('ollama', 'openai'),
    "API of the worker's model server: Ollama's `/api`, or `/v1` of vLLM and llama.cpp.",
    'ollama',
  ),
  model: setting(name, 'Model that the worker asks for.', 'deepseek-r1:8b'),
  temperature: setting(number(0, 2), 'Sampling temperature.', 0.7),
  topP: setting(number(0, 1), 'Nucleus sampling.', 0.9),
  answerTokensMax: setting(whole(1, 1_000_000), 'Token cap of an answer (`num_predict`, `max_tokens`).', 400),
  think: setting(
    oneOf('unset', 'false', 'true', 'low', 'medium', 'high'),
    'Reasoning. `unset`: as the model does. With it set `answerTokensMax` to 4,000 or more.',
    'false',
    'unset',
  ),
  contextTokens: setting(
    whole(0, 10_000_000),
    "The model's context (`num_ctx`) for prompt and answer. Tokens, 0 = the server's default.",
    0,
  ),
  optionsPlacement: setting(
    oneOf('options', 'top-level'),
    'Place of the sampling options. At the top level Ollama ignores them.',
    'options',
    'top-level',
  ),
  inferenceGapMs: setting(whole(100, 3_600_000), 'Longest silence before and between the chunks of an answer. Milliseconds.', 60_000),
  modelLoadDeadlineMs: setting(
    whole(100, 86_400_000),
    'Longest wait for the first chunk while the server loads the model. Milliseconds.',
    300_000,
  ),
  inferenceDeadlineMs: setting(whole(100, 86_400_000), 'Longest inference. Milliseconds.', 600_000),
  // Simulated GPU
  gpuProfile: setting(
    z.string(GPU_PROFILE_EXPECTED).refine(isGpuProfile, GPU_PROFILE_EXPECTED),
    'Profile of a simulated GPU: a name in `gpu-profiles.ts`, or the text of a profile file.',
    'rtx-4090',
  ),
  gpuServer: setting(
    oneOf('0.32', '0.17', '0.8'),
    'Ollama generation of the simulated GPU. `0.8` has no `think`: reasoning is content.',
    '0.32',
    '0.8',
  ),
  timeScale: setting(number(0.01, 10_000), 'Divides the simulated GPU times, and nothing else.', 1),
  gpuColdLoad: setting(flag, 'The first inference of a model pays for loading it.', true),
  seed: setting(whole(0, 2_147_483_647), 'Seed of every draw.', 1),
} satisfies Record<string, Setting<z.ZodType>>

export type SettingName = keyof typeof SETTINGS
export type Settings = { design: Design } & { [K in SettingName]: z.output<(typeof SETTINGS)[K]['schema']> }
export type SettingsInput = { design?: Design } & { [K in SettingName]?: z.input<(typeof SETTINGS)[K]['schema']> }

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name)
}

/** Names of the settings that must be the same in all IM nodes and workers. */
export const SHARED_SETTINGS = (Object.keys(SETTINGS) as SettingName[]).filter(name => {
  const spec: { shared?: true } = SETTINGS[name]
  return spec.shared === true
})

/** A design plus a few settings -> all of them, checked. */
export function resolveSettings(input: SettingsInput = {}): Settings {
  const design = Design.safeParse(input.design ?? 'sound')
  if (!design.success)
    throw new SettingsError(`design: expected ${Design.options.join(' or ')}, got ${JSON.stringify(input.design)}\nSee: npm run settings`)
  const resolved: Record<string, unknown> = { design: design.data }
  for (const name of Object.keys(input)) {
    if (name !== 'design' && !isSettingName(name))
      throw new SettingsError(`${name}: unknown setting.${didYouMean(name, Object.keys(SETTINGS))}\nAll of them: npm run settings`)
  }
  for (const [name, spec] of Object.entries(SETTINGS) as [SettingName, Setting<z.ZodType>][]) {
    const given = input[name] ?? (design.data === 'article' ? (spec.article ?? spec.sound) : spec.sound)
    const parsed = spec.schema.safeParse(given)
    if (!parsed.success)
      throw new SettingsError(
        `${name}: ${parsed.error.issues[0]?.message ?? 'not valid'}, got ${shown(given)}.\n${spec.about}\nSee: npm run settings -- ${name}`,
      )
    resolved[name] = parsed.data
  }
  return resolved as Settings // The loop above parsed each name of SETTINGS by its schema.
}

/** Settings from environment variables; others are ignored. */
export function settingsFromEnv(env: Record<string, string | undefined>): Settings {
  const input: Record<string, unknown> = {}
  if (env['DESIGN'] !== undefined && env['DESIGN'] !== '') input['design'] = env['DESIGN']
  for (const name of Object.keys(SETTINGS)) {
    const value = env[envName(name)]
    if (value !== undefined) input[name] = value
  }
  return resolveSettings(input as SettingsInput)
}

/** A part's environment for these settings: all are written. */
export function envFromSettings(settings: Settings): Record<string, string> {
  const env: Record<string, string> = { DESIGN: settings.design }
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const value = settings[name]
    env[envName(name)] = Array.isArray(value) ? value.join(',') : String(value)
  }
  return env
}
