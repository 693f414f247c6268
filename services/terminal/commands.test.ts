import { expect, test } from 'vitest'
import { COMMANDS, HELP, parseLine } from './commands.ts'

test.each([
  ['  hello there ', { verb: 'say', to: undefined, body: 'hello there' }],
  ['@bob hi', { verb: 'say', to: 'bob', body: 'hi' }],
  ['@bob', { verb: 'wrong' }],
  ['@ hi', { verb: 'wrong' }],
  ['@bo:b hi', { verb: 'wrong' }],
  ['/to bob', { verb: 'to', user: 'bob' }],
  ['/to @bob', { verb: 'to', user: 'bob' }],
  ['/to', { verb: 'wrong' }],
  ['/ask why is it so?', { verb: 'ask', body: 'why is it so?' }],
  ['/ask', { verb: 'wrong' }],
  ['/history', { verb: 'history', messages: 20 }],
  ['/history 5', { verb: 'history', messages: 5 }],
  ['/history all', { verb: 'wrong' }],
  ['/who', { verb: 'status' }],
  ['/cancel', { verb: 'cancel' }],
  ['/quit', { verb: 'quit' }],
  ['/etc/passwd', { verb: 'wrong' }],
  ['//etc/passwd', { verb: 'say', to: undefined, body: '/etc/passwd' }],
  ['', { verb: 'nothing' }],
])('%j', (line, command) => expect(parseLine(line)).toMatchObject(command))

test('every command that is completed is known, and stands in the help', () => {
  for (const command of COMMANDS) {
    expect(parseLine(`${command.trim()} 5`).verb).not.toBe('wrong')
    expect(HELP.join('\n')).toContain(command.trim())
  }
})
