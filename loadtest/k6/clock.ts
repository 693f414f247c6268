import exec from 'k6/execution'

/** Milliseconds since this run began, the same for all VUs. k6 has no `performance.now()`, and `Date.now()` counts whole milliseconds, which at a
 *  latency of one is the figure itself (https://github.com/grafana/k6/issues/2362). */
export const nowMs = (): number => exec.instance.currentTestRunDuration
