import { BOT_MUTATIONS } from './mutants-bot.ts'
import { CHAT_MUTATIONS } from './mutants-chat.ts'
import type { Mutation } from './mutation.ts'

export const MUTATIONS: readonly Mutation[] = [...CHAT_MUTATIONS, ...BOT_MUTATIONS]
