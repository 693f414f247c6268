import { createInterface, type Interface } from 'node:readline'
import { COMMANDS } from './commands.ts'
import { columnsOf } from './text.ts'

/** Where lines go. `print` stays; `live` replaces the last `live`, on terminals only. */
export interface Screen {
  readonly columns: number
  /** Rows for `live`; 0 = nothing live is shown here. */
  readonly liveRowsMax: number
  /** `live` replaces the live lines in the same stroke. */
  print(lines: readonly string[], live?: readonly string[]): void
  live(lines: readonly string[]): void
  prompt(text: string): void
  close(): void
}

export interface ScreenEvents {
  line(text: string): void
  /** Ctrl-D, Ctrl-C or the end of the input. */
  end(): void
}

/** Pipes and files: whole lines, nothing is ever redrawn. */
export function plainScreen(input: NodeJS.ReadableStream, output: NodeJS.WriteStream, events: ScreenEvents): Screen {
  const reader = createInterface({ input, terminal: false, crlfDelay: Number.POSITIVE_INFINITY })
  reader.on('line', text => events.line(text)).on('close', () => events.end())
  return {
    columns: output.isTTY ? output.columns : Number.POSITIVE_INFINITY,
    liveRowsMax: 0,
    print: lines => void (lines.length > 0 && output.write(`${lines.join('\n')}\n`)),
    live: () => {},
    prompt: () => {},
    close: () => reader.close(),
  }
}

/** A person's terminal: what is typed stays at the bottom, whole, whatever comes in above it. */
export class TerminalScreen implements Screen {
  readonly #output: NodeJS.WriteStream
  readonly #reader: Interface
  #live: readonly string[] = []
  /** Rows between the first row of the prompt and the row of the cursor, once Enter was pressed. */
  #typedRows = 0
  #closed = false

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream, events: ScreenEvents) {
    this.#output = output
    this.#reader = createInterface({ input, output, terminal: true, completer: complete, prompt: '> ' })
    // Before readline sees Enter: at the end of the line the rows to erase are known.
    input.prependListener('keypress', (_text: string, key: { name?: string } | undefined) => {
      if (this.#closed || (key?.name !== 'return' && key?.name !== 'enter')) return
      this.#reader.write(null as unknown as string, { ctrl: true, name: 'e' })
      this.#typedRows = this.#reader.getCursorPos().rows
    })
    this.#reader
      .on('line', text => {
        // Readline moved down a row. Erase the line: it comes back as a message.
        this.#erase(this.#typedRows + 1)
        this.#draw([], 0)
        events.line(text)
      })
      .on('SIGINT', () => events.end())
      .on('close', () => events.end())
    output.on('resize', () => this.#redraw([]))
  }

  get columns(): number {
    return this.#output.columns || 80
  }
  get liveRowsMax(): number {
    return Math.max(2, (this.#output.rows || 24) - 4)
  }

  print(lines: readonly string[], live = this.#live): void {
    if (lines.length > 0 || live !== this.#live) this.#redraw(lines, live)
  }

  live(lines: readonly string[]): void {
    if (lines.length === this.#live.length && lines.every((line, i) => line === this.#live[i])) return
    this.#redraw([], lines)
  }

  prompt(text: string): void {
    this.#reader.setPrompt(text)
    this.#redraw([])
  }

  close(): void {
    if (this.#closed) return
    this.#erase(this.#reader.getCursorPos().rows)
    this.#closed = true
    this.#reader.close()
  }

  #redraw(lines: readonly string[], live = this.#live): void {
    if (this.#closed) return void (lines.length > 0 && this.#output.write(`${lines.join('\n')}\n`))
    const { rows } = this.#reader.getCursorPos()
    this.#erase(rows)
    this.#live = live
    this.#draw(lines, rows)
  }

  /** Erases live lines and prompt; the cursor is `rows` below the prompt's first row. */
  #erase(rows: number): void {
    const up = rows + this.#live.reduce((sum, line) => sum + this.#rowsOf(line), 0)
    this.#output.write(`${up > 0 ? `\u001b[${up}A` : ''}\r\u001b[J`)
  }

  #draw(lines: readonly string[], rows: number): void {
    const above = [...lines, ...this.#live].map(line => `${line}\n`).join('')
    // Readline moves up by its last cursor's rows: make room for that.
    this.#output.write(above + '\n'.repeat(rows))
    this.#reader.prompt(true)
  }

  /** More than one only after the terminal became narrower. */
  #rowsOf(line: string): number {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour escapes take no columns.
    return Math.max(1, Math.ceil(columnsOf(line.replace(/\u001b\[[0-9;]*m/g, '')) / this.columns))
  }
}

function complete(line: string): [string[], string] {
  return [line.startsWith('/') ? COMMANDS.filter(command => command.startsWith(line)) : [], line]
}
