import { type ExecFileException, execFile } from 'node:child_process'
import { connect } from 'node:net'
import { networkInterfaces, release } from 'node:os'
import { promisify } from 'node:util'
import { LabError, type LabErrorCode } from '../../errors.ts'

/** The engine that Docker's command line uses: does it answer, and on this machine. */

const run = promisify(execFile)
/** Docker's own limit for an engine that accepts and is silent is minutes. */
const ANSWERS_WITHIN_MS = 5_000
const ELSE_NATIVE = 'Or without containers: --runtime native'

interface Engine {
  version: string
  /** Release of the kernel that it runs on. */
  kernel: string
}

/** What was seen at the address of an engine that did not answer. */
export type Socket = 'absent' | 'refused' | 'denied' | 'open' | 'unreachable' | 'unknown'

/** The version of an engine here. Throws ENGINE_MISSING, _DENIED, _SILENT, _ELSEWHERE. */
export async function engineHere(): Promise<string> {
  const endpoint = await endpointOf()
  const elsewhere = otherMachine(endpoint)
  if (elsewhere !== undefined) throw elsewhere
  const startedMs = performance.now()
  const answer = await version().catch((error: unknown) => words(error))
  if (typeof answer !== 'string') {
    if (answer.kernel === release()) return answer.version
    throw new LabError(
      'ENGINE_ELSEWHERE',
      `expected Docker's engine on this machine (Linux ${release()}), got one on Linux ${answer.kernel} at ${endpoint}: a virtual machine, as of Docker Desktop. The lab needs one clock.\nUse an engine of this machine: ${useDefault()}\n${ELSE_NATIVE}`,
    )
  }
  const silent = performance.now() - startedMs >= ANSWERS_WITHIN_MS
  throw noAnswer(endpoint, await socketState(endpoint), answer, silent)
}

/** The engine's address: DOCKER_HOST, else the context. Throws ENGINE_MISSING, _SILENT. */
export async function endpointOf({ DOCKER_HOST: host = '' }: Record<string, string | undefined> = process.env): Promise<string> {
  // Docker 20.10 asks the engine before it inspects a context, and waits for a silent one.
  const words = host === '' ? ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'] : ['--version']
  const { stdout } = await run('docker', words, { timeout: ANSWERS_WITHIN_MS }).catch((error: unknown) => {
    throw noEndpoint(error as ExecFileException)
  })
  if (host === '') return stdout.trim()
  return host.includes('://') ? host : `tcp://${host}`
}

function noEndpoint(error: ExecFileException): LabError {
  if (error.code === 'ENOENT')
    return new LabError('ENGINE_MISSING', `the program docker is not installed.\n${ELSE_NATIVE}`, { cause: error })
  if (error.killed === true)
    return new LabError(
      'ENGINE_SILENT',
      `the engine of Docker's current context did not answer within ${ANSWERS_WITHIN_MS / 1_000} s.\nUse the default one: ${useDefault()}\n${ELSE_NATIVE}`,
      { cause: error },
    )
  const said = `Docker's command line names no engine: ${words(error)}`
  return new LabError('ENGINE_MISSING', `${said}\nUse the default one: ${useDefault()}\n${ELSE_NATIVE}`, { cause: error })
}

/** Whether an address alone tells that the engine is not on this machine. */
export function otherMachine(endpoint: string): LabError | undefined {
  const { protocol, hostname } = URL.parse(endpoint) ?? { protocol: '', hostname: '' }
  const name = hostname.replace(/^\[|\]$/g, '')
  const own = Object.values(networkInterfaces()).flatMap(addresses => addresses?.map(({ address }) => address) ?? [])
  const isHere = /^(localhost|127\.[\d.]+|::1|0\.0\.0\.0)$/.test(name) || own.includes(name)
  if (protocol !== 'ssh:' && (isHere || !/^(tcp|https?):$/.test(protocol))) return undefined
  return new LabError(
    'ENGINE_ELSEWHERE',
    `expected Docker's engine on this machine, got ${endpoint}: its clock and ports belong to another machine.\nUse an engine of this machine: ${useDefault()}\n${ELSE_NATIVE}`,
  )
}

/** Why an engine did not answer. @param said Docker's words @param silent after a timeout */
export function noAnswer(endpoint: string, socket: Socket, said: string, silent: boolean): LabError {
  const last = said.trim().split('\n').at(-1) ?? ''
  const start = 'Start it: sudo systemctl start docker, or: sudo dockerd'
  const useTheDefault = `Use the default one: ${useDefault()}`
  const found: Record<Socket, [LabErrorCode, string, string]> = {
    absent: ['ENGINE_MISSING', `no Docker engine answers: there is no socket ${endpoint}`, start],
    refused: ['ENGINE_MISSING', `no Docker engine answers: nobody listens at ${endpoint}`, start],
    denied: [
      'ENGINE_DENIED',
      `this user may not open ${endpoint}`,
      'Join the group docker, then log out and in again: sudo usermod -aG docker $USER',
    ],
    unreachable: ['ENGINE_MISSING', `no Docker engine answers: ${endpoint} cannot be reached`, useTheDefault],
    open: ['ENGINE_MISSING', `the Docker engine at ${endpoint} cannot be used: ${last}`, useTheDefault],
    unknown: ['ENGINE_MISSING', `no Docker engine answers at ${endpoint}: ${last}`, start],
  }
  const [code, what, next] = found[socket]
  if (silent && socket === 'open')
    return new LabError(
      'ENGINE_SILENT',
      `${endpoint} accepted the connection, but did not answer within ${ANSWERS_WITHIN_MS / 1_000} s.\nRestart the engine: sudo systemctl restart docker\n${useTheDefault}\n${ELSE_NATIVE}`,
    )
  return new LabError(code, `${what}.\n${next}\n${ELSE_NATIVE}`)
}

/** Undoes whatever names another engine than the default one. */
function useDefault(env: Record<string, string | undefined> = process.env): string {
  const named = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_TLS_VERIFY', 'DOCKER_API_VERSION'].filter(name => env[name])
  return named.length > 0 ? `unset ${named.join(' ')}` : 'docker context use default'
}

async function version(): Promise<Engine> {
  const format = '{{.Server.Version}} {{.Server.KernelVersion}}'
  const { stdout } = await run('docker', ['version', '--format', format], { timeout: ANSWERS_WITHIN_MS, killSignal: 'SIGKILL' })
  const [found = '', kernel = ''] = stdout.trim().split(' ')
  if (found === '') throw new Error('it told no version')
  return { version: found, kernel }
}

function words(error: unknown): string {
  const { stderr } = error as { stderr?: string }
  return stderr?.trim() || (error instanceof Error ? error.message : String(error))
}

/** What a connection of our own to an engine's address meets. */
export function socketState(endpoint: string): Promise<Socket> {
  const url = URL.parse(endpoint)
  // Do not encode the path.
  const target =
    url?.protocol === 'unix:' ? { path: endpoint.slice('unix://'.length) } : { host: url?.hostname ?? '', port: Number(url?.port) || 2375 }
  if (url === null || !/^(unix|tcp|https?):$/.test(url.protocol)) return Promise.resolve('unknown')
  const causes: Record<string, Socket> = { ENOENT: 'absent', ECONNREFUSED: 'refused', EACCES: 'denied' }
  return new Promise(resolve => {
    const socket = connect(target)
    const end = (state: Socket) => {
      socket.destroy()
      resolve(state)
    }
    socket.setTimeout(1_000, () => end('unreachable'))
    socket
      .once('connect', () => end('open'))
      .once('error', (error: NodeJS.ErrnoException) => end(causes[error.code ?? ''] ?? 'unreachable'))
  })
}
