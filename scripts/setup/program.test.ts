import { Command } from 'commander'
import { expect, test } from 'vitest'
import { commandOf } from './program.ts'

const program = new Command('npm run load --')
  .option('--rate <N>', '')
  .option('--bytes <N>', '', Number, 200)
  .option('--seed <N>', '', Number, 1)
  .option('--set <NAME=VALUE>', '', (value, before: string[]) => [...before, value], [])
  .option('--storm', '', false)
  .option('--no-install', '')
  .option('--json', '')

test.each([
  [{ bytes: 200, seed: 1, set: [], storm: false, install: true }, 'npm run load -- chat --seed 1'],
  [{ rate: 1_000, seed: 3, set: ['a=5', "b=it's"], json: true }, `npm run load -- chat --rate 1000 --seed 3 --set a=5 --set 'b=it'\\''s'`],
  [{ bytes: 9, storm: true, install: false }, 'npm run load -- chat --bytes 9 --storm --no-install'],
])('what repeats %j', (values, command) => expect(commandOf(program, ['chat'], values)).toBe(command))
