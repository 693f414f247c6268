import { readFileSync } from 'node:fs'
// Not by #lab: the package of `npm run pack` has no lab.
import { LabError } from '../../scenarios/lab/errors.ts'
import { unreadable } from './program.ts'

/** A GPU's profile as the user names it: a name stays as it is, of a file `*.json` (as
 *  `npm run calibrate` writes it) the text is read. Throws BAD_GPU_PROFILE. */
export function profileText(given: string): string {
  if (!given.endsWith('.json')) return given
  try {
    return JSON.stringify(JSON.parse(readFileSync(given, 'utf8')))
  } catch (error) {
    const why = error instanceof SyntaxError ? `${given} is not JSON: ${error.message}` : unreadable(given, error)
    throw new LabError('BAD_GPU_PROFILE', `${why}\nMake a profile: npm run calibrate -- --ollama URL`)
  }
}
