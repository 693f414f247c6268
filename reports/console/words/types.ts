import type { StoryName } from '../../../scenarios/console/story-names.ts'
import type { PanelWords } from '../../canvas/panel-words.ts'

/** What a language of the live page must have: `en.ts`, `zh.ts`. */

export const LANGUAGES = ['en', 'zh'] as const
export type Language = (typeof LANGUAGES)[number]

export type Values = Record<string, string | number | null>

export interface Words {
  panel: PanelWords
  /** Texts that stand in the page, by their `data-word`. */
  fixed: Record<FixedWord, string>
  states: Record<string, string>
  verbs: Record<string, string>
  faults: Record<string, string>
  stories: Record<StoryName, Story>
  textOf(who: string): string
  on(node: string): string
  waiting(ahead: number | null, workersOnline: number | null): string
  scale(times: number): string
  crowd(perSecond: string, percent: string): string
  crowdNone: string
  refused(count: number): string
  waits(figures: string): string
  noWaits: string
  unlimited: string
  dead(count: number): string
  prefetchOf(worker: string): string
  slotsOf(worker: string): string
  actOn(verb: string, part: string): string
  faultOf(gpu: string): string
  /** A line of the lab book. */
  book(code: string, values: Values): string
  picture(ready: string, held: number, waiting: number): string
}

/** A story: its name, where to look before the click, the click, and what is to be seen then. */
interface Story {
  title: string
  look: string
  click: string
  seen: string
}

export type FixedWord =
  | 'kicker'
  | 'heading'
  | 'crowd'
  | 'crowdAbout'
  | 'workers'
  | 'prefetch'
  | 'slots'
  | 'parts'
  | 'part'
  | 'state'
  | 'acts'
  | 'book'
  | 'save'
  | 'stories'
  | 'way'
  | 'nodes'
  | 'exchanges'
  | 'queue'
  | 'gpus'
  | 'send'
  | 'ask'
  | 'cancel'
  | 'offline'
  | 'setting'
  | 'legendFresh'
  | 'legendLate'
  | 'legendGone'
  | 'legendStranded'
  | 'legendHeld'
