import { DISPATCH } from './dispatch.ts'
import { PROMISES } from './promises.ts'
import type { Sentence } from './sentence.ts'
import { SETTLING } from './settling.ts'

/** The fifteen, in the order of the page. */
export const SENTENCES: readonly Sentence[] = [...PROMISES, ...DISPATCH, ...SETTLING]
