import exec from 'k6/execution'

/** Milliseconds of this run for all VUs. k6 lacks `performance.now()`, and `Date.now()` is too
 *  coarse for a latency of 1 ms (https://github.com/grafana/k6/issues/2362). */
export const nowMs = (): number => exec.instance.currentTestRunDuration
