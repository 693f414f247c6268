/** Load tests: workloads as data, one engine, and what they leave behind. */

export { LoadDocument, type LoadSecond } from '#evidence/load-document'
export type { LoadResult } from './engine/judge.ts'
export { type Driven, runOutside } from './engine/outside.ts'
export { runLoad } from './engine/run.ts'
export { type RateStep, searchRate } from './engine/search.ts'
export type { TamperPlan } from './engine/tamper.ts'
export type { Tick } from './generator/messages.ts'
export { httpLoad } from './http/http-load.ts'
export { memoryTrends } from './memory-trend.ts'
export { type NoopResult, runNoop } from './noop/run.ts'
export { trendOf } from './trend.ts'
export type { LoadPlan, Phase, Traffic } from './workload.ts'
