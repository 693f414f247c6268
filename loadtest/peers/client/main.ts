/** The client's process: logs its users in, and runs the pieces of load that it is asked for. */
import { LoginAnswer } from '#contracts/http'
import { answerCalls, tell } from '../servers/process.ts'
import { Crowd, type CrowdPlan, type LoadPiece, userName } from './crowd.ts'

/** What the parent asks for. */
export type ClientCall =
  | { kind: 'connect'; plan: Omit<CrowdPlan, 'tokens'>; secret: string | undefined }
  | ({ kind: 'run' } & LoadPiece)
  | { kind: 'close' }

const LOGINS_AT_ONCE = 20

/** Ours shows a token that the node signed; the others take a name. */
async function tokensOf({ users, nodes }: Omit<CrowdPlan, 'tokens'>, secret: string | undefined): Promise<string[]> {
  const names = Array.from({ length: users }, (_, number) => userName(number))
  if (secret === undefined) return names
  const login = async (user: string) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(new URL('/login', nodes[0]), { method: 'POST', headers, body: JSON.stringify({ user, secret }) })
    return LoginAnswer.parse(await answer.json()).token
  }
  const tokens: string[] = []
  for (let at = 0; at < users; at += LOGINS_AT_ONCE) tokens.push(...(await Promise.all(names.slice(at, at + LOGINS_AT_ONCE).map(login))))
  return tokens
}

let crowd: Crowd | undefined

answerCalls(async message => {
  const call = message as ClientCall
  if (call.kind === 'connect') {
    const tokens = await tokensOf(call.plan, call.secret)
    tell({ phase: 'connecting' })
    const fromMs = performance.now()
    crowd = await Crowd.open({ ...call.plan, tokens })
    return { tookMs: performance.now() - fromMs }
  }
  if (call.kind === 'run') return crowd?.run(call, phase => tell({ phase }))
  crowd?.[Symbol.dispose]()
  crowd = undefined
  return null
})
