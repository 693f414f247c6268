/** A full-screen picture in a terminal, and the terminal as it was afterwards, whatever ends it. */

/** Alternate screen, no cursor, no wrap: a line for a wider terminal must not spill. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
/** A frame appears as a whole where the terminal knows how; others ignore it. */
const [BEGIN, END] = ['\x1b[?2026h\x1b[H', '\x1b[?2026l']
const CLEAR = '\x1b[2J'
/** q, Escape, Ctrl-C (raw mode makes no signal of it), Ctrl-D. */
const LEAVE_KEYS = new Set(['q', 'Q', '\x1b', '\x03', '\x04'])

export interface Show {
  framesPerSecond: number
  /** Exactly `rows` lines. */
  draw(columns: number, rows: number): string[]
  /** Somebody pressed a key that means "enough". */
  onLeave(): void
}

export interface Terminal {
  stdin: Pick<NodeJS.ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'off' | 'pause'>
  stdout: Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'write' | 'on' | 'off'>
}

/** Some terminals do not tell their size. */
export const sizeOf = ({ columns, rows }: Pick<NodeJS.WriteStream, 'columns' | 'rows'>) => ({ columns: columns || 80, rows: rows || 24 })

/** Draws until `over` settles, restores the terminal, and returns or throws as `over`. */
export async function showUntil<T>(
  { framesPerSecond, draw, onLeave }: Show,
  over: Promise<T>,
  { stdin, stdout }: Terminal = process,
): Promise<T> {
  const frame = () => {
    const { columns, rows } = sizeOf(stdout)
    stdout.write(`${BEGIN}${draw(columns, rows).join('\r\n')}${END}`)
  }
  const resized = () => {
    stdout.write(CLEAR)
    frame()
  }
  const key = (text: Buffer) => {
    if (LEAVE_KEYS.has(text.toString())) onLeave()
  }
  const restore = () => stdout.write(LEAVE)
  // A terminal that is closed takes no more frames; what runs behind it must still be cleared away.
  stdout.on('error', onLeave)
  process.once('exit', restore)
  if (stdin.isTTY) {
    stdin.setRawMode(true)
    stdin.on('data', key)
  }
  stdout.on('resize', resized)
  stdout.write(ENTER)
  frame()
  const timer = setInterval(frame, 1_000 / framesPerSecond)
  try {
    return await over
  } finally {
    clearInterval(timer)
    stdout.off('resize', resized)
    process.off('exit', restore)
    restore()
    if (stdin.isTTY) {
      stdin.off('data', key)
      stdin.setRawMode(false)
      stdin.pause()
    }
  }
}
