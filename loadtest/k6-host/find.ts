import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { SetupError } from '#contracts/setup-error'

/** How k6 is started: a program of its own, or an image of it on the machine's network. */
export type K6Program = { kind: 'binary'; path: string } | { kind: 'image'; image: string }

export interface WhereK6 {
  /** `PREFETCH_LAB_K6`: a path, or `image:NAME`. */
  told: string | undefined
  /** `PATH`. */
  path: string
  /** The project's cache folder. */
  cache: string
}

const IMAGE = 'image:'

/** The named k6, else the PATH's or the cache's. Throws K6_MISSING; fetches nothing (AGPL). */
export async function findK6({ told, path, cache }: WhereK6): Promise<K6Program> {
  if (told?.startsWith(IMAGE)) return { kind: 'image', image: told.slice(IMAGE.length) }
  const cached = join(cache, 'k6', 'k6')
  const candidates = told ? [told] : [...path.split(delimiter).map(folder => join(folder, 'k6')), cached]
  for (const candidate of candidates) if (await isProgram(candidate)) return { kind: 'binary', path: candidate }
  throw new SetupError(
    'K6_MISSING',
    `expected k6, 0.57 or newer; ${told ? `PREFETCH_LAB_K6 names ${told}, which is not a program` : `none on the PATH and none at ${cached}`}. One of:
  a binary or package of https://grafana.com/docs/k6/latest/set-up/install-k6/ on the PATH
  export PREFETCH_LAB_K6=PATH-OF-A-BINARY
  export PREFETCH_LAB_K6=image:grafana/k6     # runs in Docker
npm's package k6 is a placeholder that runs nothing. The built-in engine measures the same: drop --engine k6.`,
  )
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
