/** An IM node: holds WebSockets, stores and fans out messages, publishes tasks. */
import { ImNodeEnv } from '#contracts/parts'
import { settingsFromEnv } from '#contracts/settings'
import { readEnv } from '../kit/env.ts'
import { runPart } from '../kit/lifecycle.ts'
import { startImNode } from './im-node.ts'

await runPart(process.env['PART_NAME'] ?? 'im-node', log => startImNode(readEnv(ImNodeEnv, process.env), settingsFromEnv(process.env), log))
