import { readFileSync } from 'node:fs'
import { parseTrace, TraceError, type TraceRow } from '../../scenarios/predictor/trace.ts'
import { unreadable } from '../setup/program.ts'

/** Throws TraceError, also for a file that cannot be read. @param example what to type */
export function readTrace(path: string, example: string): TraceRow[] {
  try {
    return parseTrace(readFileSync(path, 'utf8'), path)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new TraceError(`${unreadable(path, error)}\nType for example: ${example}`)
  }
}
