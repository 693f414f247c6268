/** `k6 run loadtest/k6/chat.ts`: pairs of users on different nodes write to each other at a steady
 *  rate. What it reads: `settings.ts`. */
import { load, optionsOf, settings } from './load.ts'

export const options = optionsOf(2)
// Partners stand side by side.
export default () => load(2, (number, partner) => ({ to: partner.name, body: `${number} `.padEnd(settings.bodyBytes, '.') }))
