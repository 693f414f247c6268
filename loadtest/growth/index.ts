/** Growth: what a message costs as nodes, users, sizes or a backlog grow. */

export { judgeGrowthAgain } from './judge.ts'
export { runGrowth } from './run.ts'
export { AXES, type Axis, axesNamed } from './sizes.ts'
