import { EXIT } from '#contracts/parts'

/** The runs folder cannot be written: the user's disk, so one line and what to do. */
export class ReportsUnwritable extends Error {
  readonly code = 'REPORTS_UNWRITABLE'
  readonly exitCode = EXIT.environment
}

/** What each code of the system says, and what helps. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'Give this user the right to write there: ls -ld shows who has it',
  EPERM: 'Give this user the right to write there: ls -ld shows who has it',
  EROFS: 'It lies on a read-only file system: mount it for writing, or work in a copy of the project',
  ENOSPC: 'The disk is full: df -h shows it; delete old runs',
  EDQUOT: 'The quota is used up: delete old runs',
  ENOTDIR: 'A part of that path is a file: move it away',
  EEXIST: 'There is a file of that name: move it away',
  ENOENT: 'A part of that path is a link that leads nowhere: remove it',
}

/** @param folder target. Its file system's errors become ReportsUnwritable; others pass. */
export async function writing<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
    const advice = ADVICE[code]
    if (advice === undefined || !(error instanceof Error)) throw error
    throw new ReportsUnwritable(`expected to write into ${folder}, got ${error.message}\n${advice}`, { cause: error })
  }
}
