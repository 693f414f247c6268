export { ArmLab, type PartGroup } from './arm-lab.ts'
export { type Arm, type Control, type Scenario, type ScenarioSpec, type Size, scenario } from './definition.ts'
export { Askers, Device } from './devices.ts'
export { type ArmRun, type RunOptions, runScenario, type ScenarioRun } from './run.ts'
