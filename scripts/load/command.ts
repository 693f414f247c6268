import type { LoadOptionsGiven } from './options.ts'

interface Given extends LoadOptionsGiven {
  seed: number
  threads: number
  design: string
  set: readonly string[]
  broker?: string
  runtime: string
  engine?: string
}

/** The command that repeats a load test. Pure. */
export function loadCommand(workload: string, options: Given): string {
  const { rate, botRate, closed, users, pairs, arrivals, bytes, storm, trace, timeScale, p99Ms, ttftMs, tamper } = options
  const given: [string, string | number | undefined, (string | number)?][] = [
    ['--rate', rate],
    ['--bot-rate', botRate],
    ['--closed', closed],
    ['--for', options.for, '30s'],
    ['--warm-up', options.warmUp, '3s'],
    ['--users', users],
    ['--pairs', pairs, 'across-nodes'],
    ['--arrivals', arrivals, 'poisson'],
    ['--bytes', bytes, 200],
    ['--connections', options.connections, 10_000],
    ['--trace', trace],
    ['--time-scale', timeScale, 50],
    ['--p99-ms', p99Ms, 250],
    ['--ttft-ms', ttftMs, 20_000],
    ['--seed', options.seed],
    ['--threads', options.threads, 2],
    ['--design', options.design, 'sound'],
    ['--runtime', options.runtime, 'auto'],
    ['--broker', options.broker],
    ['--engine', options.engine, 'built-in'],
    ['--tamper', tamper],
  ]
  const words = given.flatMap(([name, value, byItself]) => (value === undefined || value === byItself ? [] : [`${name} ${value}`]))
  return ['npm run load --', workload, ...words, ...(storm ? ['--storm'] : []), ...options.set.map(setting => `--set ${setting}`)].join(' ')
}
