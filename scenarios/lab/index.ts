/** The harness, whole. A lab is a system under test with its broker, database, IM nodes, GPUs and workers; whatever runs it stays out of sight. */
export { LabError, type LabErrorCode } from './errors.ts'
export { Lab, type LabPart, type QueueCount } from './lab.ts'
export { DEFAULT_PLAN, type GpuPlan, type LabPlan, type PartKind, withSetting } from './plan.ts'
export { attachLab, changeLab, downLab, startLab, type UpOptions, upLab } from './runtime/open.ts'
export { FIXED_PORTS } from './runtime/ports.ts'
export type { OnPart, PartState, PartStatus } from './runtime/types.ts'
export * from './scenario/index.ts'
export { type Expected, until, type Within } from './until.ts'
