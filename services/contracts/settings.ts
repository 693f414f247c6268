import { z } from 'zod'
import { GPU_PROFILE_EXPECTED, isGpuProfile } from './gpu-profiles.ts'
import { UserId } from './ids.ts'
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
  chatStored: shared(
    setting(
      flag,
      'Commit each message, with a sequence per conversation, before anybody sees it. Off: one transient event, no sequence, no resume.',
      true,
      false,
    ),
  ),
  fanoutBatching: setting(
    flag,
    'Events of one commit or one event-loop turn share one broker message. Off: one broker message each (`fan-out/plain.ts`).',
    true,
    false,
  ),
  fanoutQueueName: setting(
    text(100),
    "Name of an IM node's durable queue on the fan-out, `{node}` = its name. Empty: an exclusive queue named by the server, which dies with the connection.",
    '',
    'im.{node}',
  ),
  publisherConfirms: setting(flag, 'Answer `stored` only after the broker confirmed the publish.', true, false),
  confirmTimeoutMs: setting(
    whole(50, 60_000),
    'No confirm within this: outcome unknown, the sender gets a retryable refusal. Milliseconds.',
    2_000,
  ),
  headCheckMs: setting(
    whole(0, 600_000),
    'How often a node compares the stored heads with what its users have seen. Milliseconds, 0 = never.',
    3_000,
    0,
  ),
  relayMs: setting(
    whole(0, 600_000),
    'How often a node looks for stored tasks that were never published (a crash between commit and publish). Milliseconds, 0 = never.',
    2_000,
    0,
  ),
  // Caps at the edge
  authDeadlineMs: setting(whole(100, 60_000), 'A connection must present its token within this. Milliseconds.', 5_000),
  tokenLifetimeSeconds: setting(whole(1, 604_800), 'Life of a login token. Seconds.', 86_400),
  originAllowed: setting(
    list(z.string(), 'expected origins, comma separated'),
    'Web origins that may open a WebSocket, comma separated. A client that sends no Origin header is no browser and is let through to the token check.',
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
  apologyText: setting(text(500), 'What an asker reads after the last attempt.', 'No answer. Please ask again later.', ARTICLE_APOLOGY),
  capabilitiesOffered: setting(
    capabilities,
    'Routing keys that an asker may name; IM nodes declare their queues, so that tasks wait even where no worker ever ran.',
    ['chat'],
  ),
  taskQueueType: shared(setting(oneOf('quorum', 'classic'), 'Type of the work queues.', 'quorum', 'classic')),
  taskQueueMaxTasks: shared(
    setting(whole(0, 10_000_000), 'Length cap of a work queue; beyond it askers hear "busy". 0 = none.', 10_000, 0),
  ),
  taskDeliveryLimit: shared(
    setting(
      whole(0, 1_000_000),
      "Quorum queues: the broker's own limit of failed deliveries, a backstop behind `taskAttemptsMax`. 0 = the broker's default.",
      20,
    ),
  ),
  taskRetryDelayMs: setting(whole(0, 3_600_000), 'Quorum queues on 4.3: pause before a task comes back. Milliseconds, 0 = none.', 0),
  taskPersistent: setting(flag, 'Publish tasks as persistent messages.', true),
  taskAttemptsMax: setting(
    whole(0, 1_000),
    'Inferences that one task may cost, crashes counted; then apology and dead-letter queue. 0 = not counted.',
    3,
    0,
  ),
  conversationInOrder: shared(
    setting(
      flag,
      "Hold a conversation's next task back until its earlier ones have ended: answers come in the order of the questions, whichever workers give them. Its price: no parallelism inside a conversation; per follow-up question one more fan-out hop and a claim, and it queues behind what was asked meanwhile. Needs `chatStored`.",
      false,
    ),
  ),
  waitingMs: setting(
    whole(0, 60_000),
    'How often the asker hears where the task stands, when that changed. Milliseconds, 0 = never.',
    1_000,
    0,
  ),
  // Worker
  capabilities: setting(capabilities, 'Routing keys that this part consumes. Workers: `chat` unless told; IM nodes: none unless told.', []),
  workerPrefetchTasks: setting(whole(0, 65_535), 'Unacknowledged tasks that the broker hands a worker. 0 = unlimited.', 1, 250),
  workerSlots: setting(whole(1, 1_000), 'Inferences that a worker runs at a time, whatever the prefetch.', 1),
  workerPriority: setting(whole(-128, 127), 'Consumer priority (`x-priority`); 0 = none.', 0),
  workerAck: setting(
    oneOf('after-answer', 'automatic'),
    '`automatic`: a task counts as done when it is sent to the worker.',
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
    "`sorted`: by fault: the task's costs an attempt, the model server's takes the worker out of service. `retry`: every failure of a server that still answers costs an attempt. `article`: a failed inference is answered with the apology and acknowledged; so is any answer without `</think>`.",
    'sorted',
    'article',
  ),
  serverPauseMaxMs: setting(
    whole(100, 3_600_000),
    'Longest pause of a worker whose model server is sick or busy. The pause starts at 500 ms and doubles; a `Retry-After` counts instead. Milliseconds.',
    10_000,
  ),
  partialsPerSecond: setting(whole(0, 1_000), 'Partial answers per second and task. 0 = none.', 20, 0),
  drainMs: setting(whole(0, 600_000), 'SIGTERM: time to finish what runs before it is given back. Milliseconds.', 5_000),
  // Model
  model: setting(name, 'Model that the worker asks for.', 'deepseek-r1:8b'),
  temperature: setting(number(0, 2), 'Sampling temperature.', 0.7),
  topP: setting(number(0, 1), 'Nucleus sampling.', 0.9),
  answerTokensMax: setting(whole(1, 1_000_000), 'Token cap of an answer (`num_predict`).', 400),
  think: setting(
    oneOf('unset', 'false', 'true', 'low', 'medium', 'high'),
    "Reasoning (`think` of the request). `unset`: the model's default. Thinking counts towards `answerTokensMax`: with it, allow 4,000 or more.",
    'false',
    'unset',
  ),
  contextTokens: setting(
    whole(0, 10_000_000),
    "Context of the model (`num_ctx`), prompt and answer together. Tokens, 0 = the server's default.",
    0,
  ),
  optionsPlacement: setting(
    oneOf('options', 'top-level'),
    'Where the sampling options stand in the request. At the top level Ollama drops them in silence: the fault of the article.',
    'options',
    'top-level',
  ),
  inferenceGapMs: setting(
    whole(100, 3_600_000),
    'Longest silence between two chunks of an answer, and before the first one of a loaded model. Milliseconds.',
    60_000,
  ),
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
    'Generation of Ollama that the simulated GPU imitates. `0.8`: reasoning stands in the content and `think` is not known, as in the time of the article.',
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
  if (!design.success) throw new SettingsError(`design: expected ${Design.options.join(' or ')}, got ${JSON.stringify(input.design)}`)
  const resolved: Record<string, unknown> = { design: design.data }
  for (const name of Object.keys(input)) {
    if (name !== 'design' && !isSettingName(name)) throw new SettingsError(`${name}: no such setting; ${nearest(name)}`)
  }
  for (const [name, spec] of Object.entries(SETTINGS) as [SettingName, Setting<z.ZodType>][]) {
    const given = input[name] ?? (design.data === 'article' ? (spec.article ?? spec.sound) : spec.sound)
    const parsed = spec.schema.safeParse(given)
    if (!parsed.success)
      throw new SettingsError(`${name}: ${parsed.error.issues[0]?.message ?? 'not valid'}, got ${shown(given)}. It means: ${spec.about}`)
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

function nearest(name: string): string {
  const shared = (other: string) => [...other.toLowerCase()].filter((c, i) => name.toLowerCase()[i] === c).length
  const best = Object.keys(SETTINGS)
    .sort((a, b) => shared(b) - shared(a))
    .slice(0, 3)
  return `did you mean ${best.join(', ')}? All of them: npm run settings`
}
