/** `k6 run loadtest/k6/bot.ts`: users ask the robot in turns at a steady rate. What it reads:
 *  `settings.ts`. */
import { load, optionsOf, settings } from './load.ts'

// As `answerDirective` of `services/contracts/gpu-timing.ts` writes it; text for a real model.
const directive = settings.answerTokens > 0 ? ` [[answer-tokens: ${settings.answerTokens}]]` : ''

export const options = optionsOf(1)
export default () => load(1, (number, asker) => ({ to: asker.robot, body: `question ${number}${directive}` }))
