/** Set by the runner before any VU starts. */
interface StandIn {
  startedAtMs: number
  aborted(message: string): void
}
const standIn = () => Reflect.get(globalThis, 'standIn') as StandIn

export default {
  vu: { idInTest: Number(new URL(import.meta.url).searchParams.get('vu')) },
  instance: {
    get currentTestRunDuration(): number {
      return performance.now() - standIn().startedAtMs
    },
  },
  test: { abort: (message = '') => standIn().aborted(message) },
}
