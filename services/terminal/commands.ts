import { USER_NAME, UserId } from '#contracts/ids'

/** What a typed line means. `robot` stands for the robot's id, which only the node knows. */
export type Command =
  | { verb: 'say'; to: string | undefined; body: string }
  | { verb: 'ask'; body: string }
  | { verb: 'to'; user: string }
  | { verb: 'history'; messages: number }
  | { verb: 'status' | 'cancel' | 'help' | 'quit' | 'nothing' }
  | { verb: 'wrong'; why: string }

export const ROBOT_NAME = 'robot'
const HISTORY_DEFAULT = 20
const HISTORY_MAX = 200

export const HELP = [
  'text              sends it to the partner named in the prompt',
  '@bob text         sends one message to bob',
  '/to bob           changes the partner; /to robot for the robot',
  '/ask text         asks the robot',
  '/cancel           drops the question that was asked last',
  '/history 50       shows the last messages with the partner (default 20)',
  '/status           node, connection, what is under way (also /who)',
  '/quit             leaves; so do Ctrl-D and Ctrl-C',
  '/help             this list',
  '//text            sends text that begins with a slash',
]
export const COMMANDS = ['/to ', '/ask ', '/cancel', '/history', '/status', '/who', '/help', '/quit']

/** `@bob` and `/to bob` name a user; otherwise explain. */
function addressed(user: string, then: (user: string) => Command): Command {
  const parsed = UserId.safeParse(user)
  if (parsed.success) return then(parsed.data)
  return {
    verb: 'wrong',
    why: user === '' ? 'name somebody: /to bob' : `${JSON.stringify(user)} is not a user name: ${USER_NAME}`,
  }
}

export function parseLine(line: string): Command {
  const text = line.trim()
  if (text === '') return { verb: 'nothing' }
  if (text.startsWith('//')) return { verb: 'say', to: undefined, body: text.slice(1) }
  if (text.startsWith('@')) {
    const [, user = '', body = ''] = /^@(\S*)\s*([\s\S]*)$/.exec(text) ?? []
    return addressed(user, to => (body === '' ? { verb: 'wrong', why: `nothing to say: @${to} text` } : { verb: 'say', to, body }))
  }
  if (!text.startsWith('/')) return { verb: 'say', to: undefined, body: text }
  const [, word = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(text) ?? []
  switch (word) {
    case 'to':
    case 'with':
      return addressed(rest.replace(/^@/, ''), user => ({ verb: 'to', user }))
    case 'ask':
      return rest === '' ? { verb: 'wrong', why: 'nothing to ask: /ask text' } : { verb: 'ask', body: rest }
    case 'history': {
      const messages = rest === '' ? HISTORY_DEFAULT : Number(rest)
      if (!Number.isInteger(messages) || messages < 1 || messages > HISTORY_MAX)
        return { verb: 'wrong', why: `/history takes a number from 1 to ${HISTORY_MAX}` }
      return { verb: 'history', messages }
    }
    case 'status':
    case 'who':
      return { verb: 'status' }
    case 'cancel':
    case 'help':
      return { verb: word }
    case 'quit':
    case 'exit':
      return { verb: 'quit' }
    default:
      return { verb: 'wrong', why: `no command /${word}; /help lists them, //${word} sends it as text` }
  }
}
