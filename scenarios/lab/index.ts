/** The harness. A lab is the system under test, on whichever runtime. */

export { eachAtItsTime, hostMs, hostNowMs } from './clock.ts'
export { LabError, type LabErrorCode, ofLab } from './errors.ts'
export { GPUS_MAX, type GpusAsked, withGpus } from './gpu-pairs.ts'
export { Lab, type LabPart } from './lab.ts'
export { type BrokerAccess, brokerAccess, isBrokerAddress, type OwnBroker } from './own-broker/address.ts'
export { type AskedBroker, plannedBroker } from './own-broker/asked.ts'
export { type BrokerSeen, lookAtBroker } from './own-broker/look.ts'
export {
  BROKER_GENERATIONS,
  type BrokerGeneration,
  checkPlan,
  DEFAULT_PLAN,
  type GpuPlan,
  type LabPlan,
  type PartKind,
  partsOf,
  settingsOf,
  withSetting,
} from './plan.ts'
export { type ModelAddress, modelAddress, openAiAddress, withoutCredentials } from './real-model/address.ts'
export { chat, type Generation } from './real-model/chat.ts'
export { inspectModelServer, type Model, type ModelServer } from './real-model/inspect.ts'
export { lookAtModelServers } from './real-model/look.ts'
export { type Manner, type ReadyModel, readyModel } from './real-model/manner.ts'
export { withServedModels } from './real-model/openai-server.ts'
export { ServerLoad } from './real-model/server-load.ts'
export { ModelTap, type TappedAnswer } from './real-model/tap.ts'
export { containersReady } from './runtime/compose/images.ts'
export { ForeignCpu } from './runtime/foreign-cpu.ts'
export { attachLab, changeLab, defaultRuntime, downLab, hostAddress, labsThere, startLab, type UpOptions, upLab } from './runtime/open.ts'
export { type OnPart, type PartState, type PartStatus, RUNTIMES, type RuntimeName } from './runtime/types.ts'
export type { QueueCount } from './sessions.ts'
export { type Expected, pause, until, type Within } from './until.ts'
