import { ENGLISH } from './en.ts'
import type { Language, Words } from './types.ts'
import { CHINESE } from './zh.ts'

/** Every word of the live page, in each of its languages. Pure. */
export const WORDS: Record<Language, Words> = { en: ENGLISH, zh: CHINESE }
