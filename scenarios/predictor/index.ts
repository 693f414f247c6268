/** A discrete-event model of dispatch and GPUs. Pure: no clock, no network, no files. */
export { connectTimeMs, exponentialDraw, publishTimesMs, type Start } from './arrivals.ts'
export { heldLonger, heldMaxMs, makespanMs, nearestRank, sharesOf, summarise, type Waits, waitsOf } from './measures.ts'
export {
  type BrokerModel,
  ModelError,
  type ModelTask,
  type ModelWorker,
  type Placement,
  type Schedule,
  speedOf,
  streamsOf,
} from './model.ts'
export { sameTasks, startedWorkers, taskIds } from './model-cases.ts'
export { type Order, orderOf, overtakesOf } from './order.ts'
export { type Figures, type Prediction, predict } from './predict.ts'
export { idealSchedule, predictSchedule } from './schedule.ts'
export { type Stranded, strandedPercent } from './stranded.ts'
export { capacityPerSecond, type ProfiledWork, profiledTimes, workerPerSecond } from './workload.ts'
