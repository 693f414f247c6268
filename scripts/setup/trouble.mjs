/** The machine's errors and remedies. Plain JavaScript, before any package. */

const EXIT = { failed: 1, environment: 2, bug: 70 }

const PLACES =
  'Labs live below the temporary folder, packages and Node in ~/.cache. Other places:\n  export PREFETCH_LAB_HOME=FOLDER PREFETCH_LAB_CACHE=FOLDER'
const limited = () => `This file system lacks links or locks.\n${PLACES}`
const mode = at => `The program cannot run: its mode, or a file system mounted noexec. See:\n  findmnt -T ${at}\n${PLACES}`

/** One trouble for several codes. */
const same = (codes, ...trouble) => Object.fromEntries(codes.split(' ').map(code => [code, trouble]))

/** Codes of the system, and of Node where it speaks for the system. */
const KNOWN = {
  ENOSPC: ['DISK_FULL', () => `The disk is full. See which one:\n  df -h\n${PLACES}`],
  EDQUOT: ['DISK_FULL', () => `The quota is used up. See it:\n  quota -s\n${PLACES}`],
  EROFS: ['READ_ONLY', () => `The file system is read-only.\n${PLACES}`],
  ...same('EACCES EPERM', 'NO_PERMISSION', at => `This user has no permission. See who has it:\n  ls -ld ${at}\n${PLACES}`),
  EIO: ['DISK_FAILED', () => `The disk fails. See the kernel's log:\n  dmesg | tail\n${PLACES}`],
  ENOTDIR: ['BAD_FOLDER', () => `A part of this path is a file.\n${PLACES}`],
  ELOOP: ['BAD_FOLDER', () => `Links in this path lead in a circle.\n${PLACES}`],
  ENAMETOOLONG: ['BAD_FOLDER', () => `The path is too long.\n${PLACES}`],
  ...same('ENOTSUP EOPNOTSUPP ENOSYS', 'BAD_FOLDER', limited),
  ...same('EMFILE ENFILE', 'TOO_MANY_FILES', () => 'Too many open files. See the limit, then raise it:\n  ulimit -n; ulimit -n 65536'),
  ...same('ENOMEM ERR_WORKER_OUT_OF_MEMORY', 'OUT_OF_MEMORY', () => 'Memory ran out. See how much there is:\n  npm run lab:doctor'),
  ENOEXEC: ['NOT_EXECUTABLE', at => `The program is not for this machine. See what it is:\n  file ${at}; uname -m`],
  ETXTBSY: ['NOT_EXECUTABLE', () => 'Another process is writing to the program. Type the command again.'],
  ...same(
    'ECONNREFUSED ECONNRESET ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN',
    ...['UNREACHABLE', () => 'Nothing answers at that address. See which parts run:\n  npm run lab:status'],
  ),
  EADDRINUSE: ['PORT_TAKEN', () => 'Another program listens there. See which:\n  ss -ltnp'],
  EADDRNOTAVAIL: ['UNREACHABLE', () => 'This machine does not have that address. See which it has:\n  ip address'],
  ERR_MODULE_NOT_FOUND: ['PACKAGES_MISSING', () => 'The packages are incomplete. Install them again:\n  npm ci'],
}

/** Where the program itself could not be started. */
const SPAWN = {
  ENOENT: ['PROGRAM_MISSING', () => 'The program is missing. Check this machine:\n  npm run lab:doctor'],
  ...same('EACCES EPERM', 'NOT_EXECUTABLE', mode),
  EAGAIN: ['TOO_MANY_PROCESSES', () => 'This user may start no more processes. See the limit:\n  ulimit -u'],
}

/** When a folder cannot be made: on a read-only parent Node reports ENOENT. */
const MAKE = {
  EEXIST: ['BAD_FOLDER', () => `A file of that name is in the way.\n${PLACES}`],
  ENOENT: ['BAD_FOLDER', () => `A folder above is missing, or its file system is read-only.\n${PLACES}`],
}
/** FAT, some network and container file systems. */
const LINK = same('EPERM EMLINK', 'BAD_FOLDER', limited)

function byCall(syscall) {
  if (/^spawn/.test(syscall)) return SPAWN
  if (/^mk/.test(syscall)) return MAKE
  return /link$/.test(syscall) ? LINK : {}
}

function chain(error, depth = 0) {
  if (!(error instanceof Error) || depth > 8) return []
  const inner = [error.cause, ...(Array.isArray(error.errors) ? error.errors : [])]
  return [error, ...inner.flatMap(one => chain(one, depth + 1))]
}

/** @returns code and advice where the machine is at fault, else undefined */
export function machineTrouble(error) {
  for (const { code, syscall = '', message, path } of chain(error)) {
    const known = byCall(syscall)[code] ?? KNOWN[code]
    if (known === undefined || (code === 'ERR_MODULE_NOT_FOUND' && !/package/.test(message))) continue
    const [name, advice] = known
    return { code: name, message, advice: advice(path ?? 'FOLDER') }
  }
  return undefined
}

/** Text and exit code of an uncaught error; never 0, 1 or 4. @param verb for the report of a bug */
export function lastWords(error, verb) {
  if (error instanceof Error && typeof error.code === 'string' && typeof error.exitCode === 'number')
    return { text: `${error.code}: ${error.message}`, exitCode: error.exitCode }
  const trouble = machineTrouble(error)
  if (trouble !== undefined) return { text: `${trouble.code}: ${trouble.message}\n${trouble.advice}`, exitCode: EXIT.environment }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    text: `BUG: ${verb} hit an unexpected error. This is a bug of the lab, not a verdict. Please report the command and these lines:\n${stack}`,
    exitCode: EXIT.bug,
  }
}

/** Prints them. @returns the exit code; an earlier failed claim stays failed */
export function printLastWords(error, verb) {
  const { text, exitCode } = lastWords(error, verb)
  process.stderr.write(`${text}\n`)
  return process.exitCode === EXIT.failed ? EXIT.failed : exitCode
}
