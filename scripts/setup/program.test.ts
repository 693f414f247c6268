import { Command, Option } from 'commander'
import { expect, test } from 'vitest'
import { commandOf, numberArgument, typedAnew } from './program.ts'

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

const load = new Command('npm run load --')
  .argument('[WORKLOAD]')
  .option('--rate <N>', '', numberArgument(1, 1_000, true))
  .addOption(new Option('--size <SIZE>', '').choices(['quick', 'full']))
  .option('--junit <FILE>', '')

test.each([
  [['chat', '--size', 'ful', '--rate', '5'], 'npm run load -- chat --size full --rate 5'],
  [['--size=medium'], 'npm run load -- --size quick'],
  [['chat', '--rate', '-5'], 'npm run load -- chat --rate 1'],
  [['chat', '--rate', '2.7'], 'npm run load -- chat --rate 3'],
  [['chat', '--rate', '9999999'], 'npm run load -- chat --rate 1000'],
  [['chat', '--junit'], 'npm run load -- chat --junit FILE'],
  [['chat', '--rate', '5', '--fast'], undefined],
  [['chat', '--rate', '-5', '--peer', 'http://ann:secret@host'], undefined],
])('%j, typed anew', (words, command) => expect(typedAnew(load, load, words)).toBe(command))

test('an option that npm kept for itself stands behind --', () => {
  const lab = new Command('npm run lab:VERB --')
  const up = lab.command('up').option('--set <NAME=VALUE>', '').option('--name <NAME>', '')
  expect(typedAnew(lab, up, ['workerSlots=2'])).toBe('npm run lab:up -- --set workerSlots=2')
  expect(typedAnew(lab, up, ['two'])).toBe('npm run lab:up -- --OPTION two')
  expect(typedAnew(lab, up, ['--sett', 'a=b'])).toBeUndefined()
})
