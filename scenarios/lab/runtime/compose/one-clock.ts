import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { LabError } from '../../errors.ts'
import { until } from '../../until.ts'
import { procText } from '../proc.mjs'
import { docker } from './docker.ts'

/** Proof that containers share this machine's clock and loopback: waits are differences of both. */

const PORT = 9000
const ANSWERS_WITHIN_MS = 10_000
const BOOT_ID = 'sys/kernel/random/boot_id'
/** Ends on its own, so that nothing is left of it whatever becomes of us. */
const INSIDE = `
const boot = require('node:fs').readFileSync('/proc/${BOOT_ID}', 'utf8').trim()
require('node:net').createServer(socket => socket.end(boot + ' ' + process.hrtime.bigint())).listen(${PORT}, '0.0.0.0')
setTimeout(process.exit, ${2 * ANSWERS_WITHIN_MS})`

export interface Look {
  boot: string
  ns: bigint
}

/** Takes a second. @param image our services'. Throws ENGINE_ELSEWHERE, DOCKER_FAILED. */
export async function proveOneClock(image: string): Promise<void> {
  const hardened = ['--read-only', '--cap-drop', 'ALL', '--memory', '256m', '--pids-limit', '64']
  const run = ['run', '--detach', '--rm', '--publish', `127.0.0.1::${PORT}`, ...hardened, image, '-e', INSIDE]
  const id = await docker(run)
    .catch((error: Error) => {
      const why =
        error.message
          .trim()
          .split('\n')
          .find(line => line.includes('docker: ')) ?? error.message
      throw new LabError('DOCKER_FAILED', `a container of ${image} does not start: ${why}\nWithout containers: --runtime native`, {
        cause: error,
      })
    })
    .then(said => said.trim())
  try {
    const published = await docker(['port', id, `${PORT}/tcp`]).catch(() => '')
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(published)?.[1])
    if (!Number.isInteger(port)) throw elsewhere('it published no port on 127.0.0.1')
    let before = process.hrtime.bigint()
    const ask = () => {
      before = process.hrtime.bigint()
      return askOnce(port)
    }
    // Its forwarder accepts before the container listens.
    const said = await until('the container answers', ask, { is: answer => answer.includes(' '), withinMs: ANSWERS_WITHIN_MS }).catch(
      () => undefined,
    )
    if (said === undefined)
      throw elsewhere(`the port that it published on 127.0.0.1 does not lead to it within ${ANSWERS_WITHIN_MS / 1_000} s`)
    const after = process.hrtime.bigint()
    const [boot = '', ns = ''] = said.split(' ')
    const why = notOneClock({ boot, ns: BigInt(ns) }, { boot: procText(BOOT_ID).trim(), before, after })
    if (why !== undefined) throw elsewhere(why)
  } finally {
    await docker(['rm', '--force', id]).catch(() => undefined)
  }
}

/** Why a container's clock is another: another kernel, or a moment not between two of ours. */
export function notOneClock(inside: Look, here: { boot: string; before: bigint; after: bigint }): string | undefined {
  if (inside.boot !== here.boot) return 'its kernel was booted apart from that of this machine'
  const offNs = inside.ns < here.before ? inside.ns - here.before : inside.ns > here.after ? inside.ns - here.after : 0n
  return offNs === 0n ? undefined : `its clock is ${(Number(offNs) / 1e9).toFixed(3)} s off that of this machine`
}

function askOnce(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(ANSWERS_WITHIN_MS, () => socket.destroy(new Error('it accepts and says nothing')))
  return text(socket)
}

function elsewhere(why: string): LabError {
  return new LabError(
    'ENGINE_ELSEWHERE',
    `containers must share the clock and the loopback of this machine, but ${why}. The engine runs in another machine or namespace.\nUse an engine of this machine: unset DOCKER_HOST; docker context use default\nOr without containers: --runtime native`,
  )
}
