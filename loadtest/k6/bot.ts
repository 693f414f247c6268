/** `k6 run loadtest/k6/bot.ts`: users ask the robot in turns at a steady rate. What it reads:
 *  `settings.ts`. */
import { load, optionsOf, settings, type Workload } from './load.ts'

// As `answerDirective` of `services/contracts/gpu-timing.ts` writes it; text for a real model.
const directive = settings.answerTokens > 0 ? ` [[answer-tokens: ${settings.answerTokens}]]` : ''

const bot: Workload = {
  groupUsers: 1,
  next: (number, own) => {
    const from = own[number % own.length]
    return { from, to: from?.robot ?? '', body: `question ${number}${directive}` }
  },
}

export const options = optionsOf(bot)
export default () => load(bot)
