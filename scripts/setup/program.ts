import { type Command, CommanderError, InvalidArgumentError } from 'commander'
import { EXIT } from '#contracts/parts'
import { shellWord } from '../../reports/words.ts'
import { printLastWords } from './trouble.mjs'

/** Shared by all commands of commander: reading the line, reporting the end. */

/** An option's number within bounds. */
export function numberArgument(low: number, high: number, whole: boolean): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`Expected ${whole ? 'a whole number' : 'a number'} from ${low} to ${high}.`)
    return value
  }
}

/** Why a file that the user named cannot be read. */
export function unreadable(path: string, error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  const why = { ENOENT: 'there is no such file', EACCES: 'no permission', EISDIR: 'it is a folder' }[code ?? '']
  return `cannot read ${path}: ${why ?? message}`
}

/** An option that may be given several times. */
export const repeatable = (value: string, before: readonly string[]) => [...before, value]

/** How a result is shown or looked for: no part of the run that it came from. */
const NOT_OF_THE_RUN = ['--json', '--junit', '--find-rate']

/** What repeats a run: options that differ from their defaults, and the seed. */
export function commandOf(program: Command, args: readonly string[], values: object): string {
  const given = new Map(Object.entries(values))
  const words = program.options.flatMap(option => {
    const { long, negate, defaultValue } = option
    const value: unknown = given.get(option.attributeName())
    const isDefault = value === (negate || defaultValue) && long !== '--seed'
    if (long === undefined || long === null || value === undefined || isDefault || NOT_OF_THE_RUN.includes(long)) return []
    return typeof value === 'boolean' ? [long] : [value].flat().map(one => `${long} ${shellWord(String(one))}`)
  })
  return [program.name(), ...args.map(shellWord), ...words].join(' ')
}

/** Runs the command line. @param misuse the text of a user's error (exit code 3), or undefined */
export async function runProgram(program: Command, misuse: (error: unknown) => string | undefined = () => undefined): Promise<void> {
  for (const command of [program, ...program.commands])
    command.configureOutput({
      outputError: (text, write) => write(`USAGE: ${text.replace(/^error: /, '')}See: ${helpCommand(program, command)}\n`),
    })
  try {
    await program.parseAsync(process.argv)
  } catch (error) {
    const misused = misuse(error)
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
    else if (misused !== undefined) {
      console.error(misused)
      process.exitCode = EXIT.usage
    } else {
      process.exitCode = printLastWords(
        error,
        program
          .name()
          .replace(/ --$/, '')
          .replace('VERB', process.argv[2] ?? 'up'),
      )
      // After a bug nobody knows what still runs.
      if (process.exitCode === EXIT.bug) process.exit()
    }
  }
}

/** What to type for the help of a command; the program of `lab` is named after any of its verbs. */
export function helpCommand(program: Command, command: Command): string {
  return `${program.name().replace('VERB', command === program ? 'up' : command.name())} --help`
}
