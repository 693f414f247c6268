import type { Finding, FindingCode } from '../../scenarios/inspect/rules/rule.ts'
import { BROKER_WORDS } from './broker-words.ts'
import { linesFor } from './fixes.ts'
import { HOLDING_WORDS } from './holding-words.ts'
import { LOSING_WORDS } from './losing-words.ts'
import type { Say } from './phrases.ts'

/** What each finding says: what was seen, its consequence, its fix, where to read. Pure. */

export interface Said {
  says: string
  means: string
  /** With the client that a line is for; none for a line that all take. */
  fixes: [client: string | undefined, line: string][]
  see: string
}

const DOCS = 'https://www.rabbitmq.com/docs/'
const WORDS: Readonly<Record<FindingCode, Say>> = { ...HOLDING_WORDS, ...LOSING_WORDS, ...BROKER_WORDS }

export function said({ code, where, evidence }: Finding): Said {
  const { says, means, fix, see } = WORDS[code]({ ...evidence, ...where })
  const fixes: Said['fixes'] = typeof fix === 'string' ? [[undefined, fix]] : linesFor(fix, evidence['product'])
  return { says, means, fixes, see: see.startsWith('https:') ? see : DOCS + see }
}
