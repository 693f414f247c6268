/** The entry of all commands: `node scripts/run.mjs VERB ARGS`. Plain JavaScript for Node >= 20,
 *  without packages: finds or fetches Node 24, installs packages, starts `scripts/VERB.ts`. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { cacheFolder } from '../scenarios/lab/runtime/cache.mjs'
import { commandEnv } from './setup/environment.mjs'
import { ended, exitCodeOf, forwardSignals, signalReceived } from './setup/signals.mjs'
import { ensurePackages, findNode, SetupError } from './setup/toolchain.mjs'
import { lastWords, machineTrouble } from './setup/trouble.mjs'

const EXIT = { environment: 2, usage: 3 }
/** Out of memory (KILL), V8's heap limit (ABRT), a full disk under a mapped file (BUS). */
const LACKING = ['SIGKILL', 'SIGABRT', 'SIGBUS']
/** Verbs that start no part of the lab: they run on any system (`demo` without `--real`). */
const ANYWHERE = ['predict', 'advise', 'demo', 'report', 'settings', 'check', 'fix', 'chat', 'gpu', 'gpus', 'inspect', 'playground']

const scripts = dirname(fileURLToPath(import.meta.url))
const root = dirname(scripts)
const cache = cacheFolder()
const say = text => process.stderr.write(`${text}\n`)

function refuse(code, text) {
  say(text)
  process.exit(code)
}

/** Where folders are made. Below /proc Node's recursive mkdir never ends. */
function badFolder(env = process.env) {
  const name = ['PREFETCH_LAB_HOME', 'PREFETCH_LAB_CACHE', 'XDG_CACHE_HOME', 'TMPDIR'].find(key =>
    /^\/(proc|sys)(\/|$)/.test(env[key] ?? ''),
  )
  return name && `BAD_FOLDER: ${name}: expected a folder of a disk, got ${env[name]}. Type:\n  unset ${name}`
}

/** Why this machine cannot run the verb, or undefined. */
function unsuitable(verb, args) {
  if (Number(process.versions.node.split('.')[0]) < 20)
    return `NODE_TOO_OLD: expected Node 20 or newer, got ${process.version}. Install it from https://nodejs.org, or type:\n  npm install --global node@24`
  const anywhere = ANYWHERE.includes(verb) && !(verb === 'demo' && args.includes('--real'))
  if (process.platform === 'linux' || anywhere || (verb === 'test' && args[0] === 'unit')) return undefined
  if (process.platform === 'win32')
    return 'NOT_LINUX: the lab runs on Linux. On Windows use WSL, with the clone inside it:\n  wsl --install'
  return `NOT_LINUX: expected Linux, got ${process.platform}. The lab's parts and its clients must share one clock, which
containers of another system's virtual machine do not; use a Linux machine, or a virtual one with the clone inside it. These run here: ${ANYWHERE.join(', ')}.`
}

async function main(verb, args) {
  const verbs = readdirSync(scripts)
    .filter(file => /^[a-z-]+\.ts$/.test(file))
    .map(file => file.slice(0, -'.ts'.length))
  if (verb === undefined || !verbs.includes(verb))
    refuse(EXIT.usage, `USAGE: expected a command, got ${verb ?? 'none'}. There are: ${verbs.join(', ')}.`)
  const obstacle = unsuitable(verb, args) ?? badFolder()
  if (obstacle !== undefined) refuse(EXIT.environment, obstacle)

  forwardSignals()
  const node = await findNode(cache, say)
  await ensurePackages({ root, cache, node, say })

  const shell = commandEnv(process.env)
  const env = {
    ...shell,
    PATH: `${dirname(node)}${delimiter}${shell['PATH'] ?? ''}`,
    // Compiled code stays with the packages: 0.5 s of CPU a command, not 0.9.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'prefetch-lab'),
  }
  // Our Node's flags come along (`node --inspect scripts/run.mjs …`), NODE_OPTIONS does not.
  const flags = [...process.execArgv, '--import', pathToFileURL(join(scripts, 'setup', 'last-words.mjs')).href]
  // Only for its end: the child sees 'disconnect' when we are killed.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const { code, signal, error } = await ended(spawn(node, [...flags, join(scripts, `${verb}.ts`), ...args], { env, stdio }))
  if (error !== undefined) throw new SetupError(`NODE_MISSING: ${node} cannot be started (${error.message}). Type:\n  rm -r ${cache}`)
  if (LACKING.includes(signal) && signalReceived() === undefined)
    refuse(
      EXIT.environment,
      `KILLED: ${verb} was ended by ${signal}: by hand, or by the machine when memory or disk ran out. See:\n  npm run lab:doctor; dmesg | tail`,
    )
  process.exit(code ?? exitCodeOf(signal))
}

const [verb, ...args] = process.argv.slice(2)
main(verb, args).catch(error => {
  if (error instanceof SetupError) refuse(EXIT.environment, error.message)
  if (machineTrouble(error) !== undefined)
    refuse(
      EXIT.environment,
      `CACHE_UNUSABLE: ${error.message}. Packages and Node go to ${cache} and to node_modules; another place for the first:\n  export PREFETCH_LAB_CACHE=FOLDER`,
    )
  const { text, exitCode } = lastWords(error, 'run')
  refuse(exitCode, text)
})
