/** The chat client: used by the terminal, the scenarios, the load tests and the replay. */
export { ChatClient, type Counters } from './client.ts'
export type { CancelOutcome } from './tasks.ts'
export {
  type AnswerOutcome,
  ChatError,
  type ChatEvents,
  type ChatOptions,
  type PartialText,
  type SendOutcome,
  TUNING,
  type Tuning,
} from './types.ts'
