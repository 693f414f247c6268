/** Where Node, k6, compose and images are kept. Plain JavaScript for `scripts/run.mjs`. */
import { homedir } from 'node:os'
import { join } from 'node:path'

/** @param {Record<string, string | undefined>} env */
export const cacheFolder = (env = process.env) =>
  env['PREFETCH_LAB_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'prefetch-lab')
