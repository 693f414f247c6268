import type { LoadPlan } from '../workload.ts'
import { type BotOptions, botPlan } from './bot.ts'
import { type ChatOptions, chatPlan } from './chat.ts'

/** Does bot load slow chat? Chat throughout, prompts in every second window. */
const WINDOWS = 6

export function mixedPlan(chat: Partial<ChatOptions>, bot: Partial<BotOptions>): LoadPlan {
  const [people, robot] = [chatPlan(chat), botPlan(bot)]
  return {
    ...people,
    workload: 'mixed',
    traffic: [...people.traffic, ...robot.traffic.map(traffic => ({ ...traffic, windows: 'every-second' as const }))],
    windows: WINDOWS,
    drainMs: robot.drainMs,
  }
}
