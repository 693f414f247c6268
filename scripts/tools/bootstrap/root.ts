/** A minimal Debian root with its own namespaces and network. It ends with us. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { $ } from 'zx'
import { isAlive, processId, procLink, procText } from '../../../scenarios/lab/runtime/proc.mjs'
import { debianTool } from '../../setup/machine.ts'
import type { machineSources } from './sources.ts'

export interface RunResult {
  exitCode: number
  stdout: string
  stderr: string
  seconds: number
}

export interface DebianRoot {
  /** Folder of the root on this machine. */
  path: string
  /** Runs a shell command inside, as a user of the root. Never throws for its exit code. */
  run(command: string, options?: { user?: string; withinMs?: number }): Promise<RunResult>
  /** Every process inside, apart from the two that keep the root open. */
  processes(): Promise<{ pid: number; command: string }[]>
  [Symbol.asyncDispose](): Promise<void>
}

/** The one process that lives as long as the root. */
const KEEPER = 'sleep infinity'
/** slirp4netns's own: it asks the one of this machine. */
const NAME_SERVER = '10.0.2.3'

type Sources = ReturnType<typeof machineSources>

/** A tar of the bare system, kept between runs: it depends on suite and mirrors alone. */
export async function baseTar(folder: string, suite: string, sources: Sources): Promise<{ path: string; cached: boolean }> {
  const key = createHash('sha256')
    .update(JSON.stringify([suite, sources.deb, sources.apt]))
    .digest('hex')
    .slice(0, 12)
  const path = join(folder, `debian-${suite}-${key}.tar`)
  if (existsSync(path)) return { path, cached: true }
  await mkdir(folder, { recursive: true })
  const partial = `${path}.partial.tar`
  const options = sources.apt.map(option => `--aptopt=${option}`)
  try {
    await $({ quiet: true })`mmdebstrap --variant=minbase --include=ca-certificates ${options} ${suite} ${partial} ${sources.deb}`
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
  return { path, cached: false }
}

/** Roots of killed tests: their mounts are gone, only files are left. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const owner = /^root-(\d+)-(\d+)$/.exec(name)
    if (owner !== null && !isAlive({ pid: Number(owner[1]), startTime: owner[2] ?? '' }))
      rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** Unpacks the tar, adds Node, npm, certificates and DNS, and opens its namespaces. */
export async function openRoot(folder: string, tar: string, options: { node: string; npm: string; npmrc: string }): Promise<DebianRoot> {
  sweep(folder)
  const path = join(folder, `root-${process.pid}-${processId(process.pid)?.startTime}`)
  await mkdir(path)
  const remove = () => rmSync(path, { recursive: true, force: true })
  process.once('exit', remove)
  await $({ quiet: true })`tar --extract --numeric-owner --exclude=./dev/* --file ${tar} --directory ${path}`
  await cp(options.node, join(path, 'usr/bin/node'), { dereference: true })
  await cp(options.npm, join(path, 'usr/lib/node_modules/npm'), { recursive: true })
  for (const name of ['npm', 'npx']) await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(path, 'usr/bin', name))
  for (const file of ['/etc/hosts', '/etc/ssl/certs/ca-certificates.crt']) {
    if (existsSync(file)) await writeFile(join(path, file), await readFile(file))
  }
  await writeFile(join(path, 'etc/resolv.conf'), `nameserver ${NAME_SERVER}\n`)
  await mkdir(join(path, 'usr/etc'), { recursive: true })
  await writeFile(join(path, 'usr/etc/npmrc'), `${options.npmrc}\n`)

  const init = await openNamespaces(path)
  const enter = ['--target', String(init.pid), '--mount', '--pid', '--net', '--root', '--wd', '--']
  const run: DebianRoot['run'] = async (command, { user = 'root', withinMs = 600_000 } = {}) => {
    const startedAtMs = performance.now()
    const login = ['runuser', '-u', user, '--', 'env', `HOME=${user === 'root' ? '/root' : `/home/${user}`}`, `USER=${user}`]
    const child = spawn(debianTool('nsenter'), [...enter, ...login, 'sh', '-c', command], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: withinMs,
    })
    const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exitCodeOf(child)])
    return { exitCode, stdout, stderr, seconds: (performance.now() - startedAtMs) / 1_000 }
  }
  return {
    path,
    run,
    processes: () => processesInside(init.pid),
    async [Symbol.asyncDispose]() {
      await init.end()
      remove()
      process.off('exit', remove)
    },
  }
}

const exitCodeOf = (child: ChildProcess) =>
  new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 124)) // 124: ended by a signal, our time-out
  })

/** Seen from outside, so that the asking process is not among them. Pids are this machine's. */
async function processesInside(initPid: number): Promise<{ pid: number; command: string }[]> {
  const namespace = procLink(`${initPid}/ns/pid`)
  const { stdout } = await $({ quiet: true })`ps -eo pid,pidns,stat,args --no-headers`
  return stdout
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([pid, ns, state]) => namespace === `pid:[${ns}]` && Number(pid) !== initPid && !state?.startsWith('Z'))
    .map(([pid, , , ...words]) => ({ pid: Number(pid), command: words.join(' ') }))
    .filter(({ command }) => command !== KEEPER)
}

/** The machine's way out (proxies, certificates) and nothing else of its environment. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => /^(https?|no|all)_proxy$|^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i.test(name))
  return { ...Object.fromEntries(kept), PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }
}

/** A first process that lives with us: the kernel ends all inside with it. */
async function openNamespaces(path: string): Promise<{ pid: number; end(): Promise<void> }> {
  // A root of its own, not a changed one: containers are made of mounts below it.
  const mounts = [
    `mount --bind '${path}' '${path}' && cd '${path}'`,
    'mount --rbind /dev dev && mount --rbind /sys sys && mount -t proc proc proc && mount -t tmpfs tmpfs run',
    'mkdir -p old && pivot_root . old && umount -l old && rmdir old',
  ]
  const script = `${mounts.join(' && ')} && echo ready && { ${KEEPER} & wait; }`
  const unshare = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-c', script]
  const holder = spawn(debianTool('setpriv'), ['--pdeathsig', 'KILL', ...unshare], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>(resolve => holder.once('close', () => resolve()))
  await new Promise((resolve, reject) => {
    holder.stdout.once('data', resolve)
    holder.once('close', code =>
      reject(new Error(`namespaces could not be opened (exit code ${code}): is this machine allowed to unshare?`)),
    )
  })
  const children = procText(`${holder.pid}/task/${holder.pid}/children`)
  const pid = Number(children.trim().split(' ')[0])
  const wayOut = await openWayOut(pid)
  return {
    pid,
    async end() {
      holder.kill('SIGKILL')
      await ended
      await wayOut.end()
    },
  }
}

/** A proxy on this machine's network fetches packages for the root; nothing is changed. */
async function openWayOut(pid: number): Promise<{ end(): Promise<void> }> {
  const options = ['--configure', '--mtu=1400', '--ready-fd=3', String(pid), 'tap0']
  const command = ['--pdeathsig', 'KILL', debianTool('slirp4netns'), ...options]
  const program = spawn(debianTool('setpriv'), command, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>(resolve => program.once('close', () => resolve()))
  const said = program.stderr === null ? '' : text(program.stderr)
  const [, , , ready] = program.stdio
  await Promise.race([
    new Promise(resolve => ready?.once('data', resolve)),
    ended.then(async () => {
      throw new Error(`the root has no way out: ${(await said).trim()}`)
    }),
  ])
  return {
    async end() {
      program.kill('SIGKILL')
      await ended
    },
  }
}

/** Folder of npm's own package, given the path of its command. */
export const npmFolder = (cli: string): string => dirname(dirname(cli))
