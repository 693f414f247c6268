/** What a user asks who gives next to nothing; tests change what they are about. */
export const ASKED = {
  tasks: 500,
  serviceMs: [20, 70],
  prefetchTasks: [1],
  priority: [0],
  backlogMin: [0],
  load: undefined,
  trace: {},
  slots: [1],
  gpus: undefined,
  gapMs: 0,
  consumerTimeoutMs: 1_800_000,
  seed: 1,
  sweep: false,
  json: false,
}
