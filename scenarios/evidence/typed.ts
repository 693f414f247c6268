/** What people read and type again: letters of arms, words of a command. Pure. */

/** The letter by which an arm goes in charts, tables and `--arm`. */
export function letterOf(index: number): string {
  return index < 26 ? String.fromCodePoint(65 + index) : `A${index - 25}`
}

/** As a shell takes it: in quotes only where it must be. */
export function shellWord(text: string): string {
  return /^[\w./,:@+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
