import { EXIT } from '#contracts/parts'

/** The runs folder cannot be written: the user's disk, so one line and what to do. */
export class ReportsUnwritable extends Error {
  readonly code = 'REPORTS_UNWRITABLE'
  readonly exitCode = EXIT.environment
}

/** The advice for each code of the system. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'This user may not write there. See whose it is: ls -ld FOLDER',
  EPERM: 'This user may not write there. See whose it is: ls -ld FOLDER',
  EROFS: 'The file system is read-only. Work in a copy of the project',
  ENOSPC: 'The disk is full (df -h). Delete old runs: rm -r reports/runs/OLD',
  EDQUOT: 'The quota is used up. Delete old runs: rm -r reports/runs/OLD',
  ENOTDIR: 'A part of that path is a file. Rename it',
  EEXIST: 'A file has that name. Rename it',
  ENOENT: 'A part of that path is a dead link. Remove it',
}

/** @param folder target. Its file system's errors become ReportsUnwritable; others pass. */
export async function writing<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
    const advice = ADVICE[code]
    if (advice === undefined || !(error instanceof Error)) throw error
    throw new ReportsUnwritable(`cannot write into ${folder}: ${error.message}\n${advice}`, { cause: error })
  }
}
