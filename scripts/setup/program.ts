import { type Command, CommanderError, InvalidArgumentError, type Option } from 'commander'
import { nearest } from '#contracts/nearest'
import { EXIT } from '#contracts/parts'
import { shellWord } from '#evidence/typed'
import { printLastWords } from './trouble.mjs'

/** Shared by all commands of commander: reading the line, reporting the end. */

interface NumberArgument {
  (text: string): number
  /** The number itself where it fits. */
  closest(text: string): number
}

/** An option's number within bounds. */
export function numberArgument(low: number, high: number, whole: boolean): NumberArgument {
  const parse = (text: string) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`Expected ${whole ? 'a whole number' : 'a number'} from ${low} to ${high}.`)
    return value
  }
  const closest = (text: string) => {
    const value = Math.min(high, Math.max(low, Number(text) || low))
    return whole ? Math.round(value) : value
  }
  return Object.assign(parse, { closest })
}

const WRONG_PATH: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a folder of its path is a file',
  ENAMETOOLONG: 'its name is too long',
}

/** Why a file that the user named cannot be read. Throws what is the machine's fault. */
export function unreadable(path: string, error: unknown): string {
  const { code = '', message, syscall } = error as { code?: string; message?: string; syscall?: string }
  const why = WRONG_PATH[code]
  if (why === undefined && syscall !== undefined) throw error
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

/** The line again as it could be, where the value of an option is missing or cannot be.
 *  @param words as typed */
export function typedAnew(program: Command, command: Command, words: readonly string[]): string | undefined {
  const name = program.name().replace('VERB', command.name())
  // An address may have a password.
  if (words.some(word => /:\/\/.*@/.test(word))) return undefined
  for (const option of command.options) {
    const at = words.findIndex(word => word === option.long || word.startsWith(`${option.long}=`))
    if (at < 0 || !option.required) continue
    const inOne = words[at] !== option.long
    const given = inOne ? words[at]?.slice((option.long?.length ?? 0) + 1) : words[at + 1]
    const better = betterValue(option, given)
    if (better === undefined) continue
    const after = words.slice(at + (inOne ? 1 : 2))
    return [name, ...[...words.slice(0, at), option.long ?? '', better, ...after].map(shellWord)].join(' ')
  }
  // Of `npm run lab:up --set a=b` npm keeps the option, and only the value comes through.
  if (command.registeredArguments.length > 0 || words.length === 0 || words.some(word => word.startsWith('-'))) return undefined
  const isSetting = command.options.some(({ long }) => long === '--set') && words.every(word => word.includes('='))
  return [name, ...words.map(word => `${isSetting ? '--set' : '--OPTION'} ${shellWord(word)}`)].join(' ')
}

/** undefined: there is nothing against the given one. */
function betterValue({ flags, argChoices, parseArg }: Option, given: string | undefined): string | undefined {
  if (given === undefined) return /<([^>]+)>/.exec(flags)?.[1]
  if (argChoices !== undefined) return argChoices.includes(given) ? undefined : (nearest(given, argChoices)[0] ?? argChoices[0])
  if (parseArg === undefined || !('closest' in parseArg)) return undefined
  const number = (parseArg as NumberArgument).closest(given)
  return number === Number(given) ? undefined : String(number)
}

/** Runs the command line. @param misuse the text of a user's error (exit code 3), or undefined */
export async function runProgram(program: Command, misuse: (error: unknown) => string | undefined = () => undefined): Promise<void> {
  for (const command of [program, ...program.commands])
    command.configureOutput({
      outputError: (text, write) => {
        const again = typedAnew(program, command, process.argv.slice(command === program ? 2 : 3))
        const next = again === undefined ? '' : `Like this: ${again}\n`
        write(`USAGE: ${text.replace(/^error: /, '')}${next}See: ${helpCommand(program, command)}\n`)
      },
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
