/** An IM node: holds its users' WebSockets, stores and fans out messages, hands prompts over to the work queue. */
import { ImNodeEnv } from '#contracts/parts'
import { settingsFromEnv } from '#contracts/settings'
import { readEnv } from '../kit/env.ts'
import { runPart } from '../kit/lifecycle.ts'
import { startImNode } from './im-node.ts'

await runPart(process.env['PART_NAME'] ?? 'im-node', log => startImNode(readEnv(ImNodeEnv, process.env), settingsFromEnv(process.env), log))
