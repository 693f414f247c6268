/** Load tests: workloads as data, one engine, and what they leave behind. */
export { type LoadOptions, type LoadResult, runLoad } from './engine/run.ts'
export type { Tick } from './generator/messages.ts'
export type { TamperKind, TamperPlan } from './generator/tamper.ts'
export { LoadDocument, type LoadSecond, type Threshold } from './run-document.ts'
export { JUDGED_MESSAGES_MAX, type LoadPlan, type Traffic } from './workload.ts'
export { BOT, type BotOptions, botPlan, sloTtftMs } from './workloads/bot.ts'
export { CHAT, type ChatOptions, chatPlan } from './workloads/chat.ts'
export { mixedPlan } from './workloads/mixed.ts'
