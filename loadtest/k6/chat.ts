/** `k6 run loadtest/k6/chat.ts`: pairs of users on different nodes write to each other at a steady
 *  rate. What it reads: `settings.ts`. */
import { load, optionsOf, settings, type Workload } from './load.ts'

const chat: Workload = {
  groupUsers: 2,
  next: (number, own) => ({
    from: own[number % own.length],
    // Partners stand side by side.
    to: own[(number % own.length) ^ 1]?.name ?? '',
    body: `${number} `.padEnd(settings.bodyBytes, '.'),
  }),
}

export const options = optionsOf(chat)
export default () => load(chat)
