/** What `npm run demo` takes. */

export interface Options {
  seed: number
  /** undefined = 60, or with `real` as long as the machine needs. */
  seconds?: number
  minutes: number
  load: number
  prefetch: number
  /** Two cards, with a comma; '' = the demo's own. */
  gpus: string
  real?: boolean
  install: boolean
}

export const DEFAULTS = { seed: 1, minutes: 60, load: 0.8, prefetch: 250, gpus: '', install: true } as const
export const SECONDS_MAX = 3_600

/** The same on the lab, in this number of seconds. */
export function realCommand(options: Options, seconds: number): string {
  const changed = (['seed', 'minutes', 'load', 'prefetch', 'gpus'] as const).filter(name => options[name] !== DEFAULTS[name])
  const words = [
    `--real --seconds ${seconds}`,
    ...changed.map(name => `--${name} ${options[name]}`),
    ...(options.install ? [] : ['--no-install']),
  ]
  return `npm run demo -- ${words.join(' ')}`
}
