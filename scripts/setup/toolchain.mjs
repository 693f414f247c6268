/** Node 24 and the packages, before anything of either is there. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { withLock } from '../../scenarios/lab/runtime/lock.mjs'
import { commandEnv, works } from './environment.mjs'
import { ended, exitCodeOf, signalReceived } from './signals.mjs'

export const NODE_MAJOR = 24
const windows = process.platform === 'win32'

/** What the caller prints before it leaves with exit code 2. */
export class SetupError extends Error {}

/** What a Node found by its first line or its name can run. */
const isNodeScript = file =>
  file.endsWith('.js') || works(() => /^#!.*\bnode\b/.test(readFileSync(file, 'latin1').slice(0, 200).split('\n')[0]))

/** A folder or a text file of that name cannot be started. */
export const isProgram = file => works(() => accessSync(file, constants.X_OK) ?? statSync(file).isFile())

/** npm on the Node that called us (Debian's needs Debian's); a shim (asdf, Volta) as a program. */
function npmCommand() {
  const caller = process.env['npm_execpath'] ?? ''
  if (basename(caller) === 'npm-cli.js' && existsSync(caller)) return [process.execPath, caller]
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const bundled = join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')
    if (windows && existsSync(bundled)) return [process.execPath, bundled]
    const file = join(folder, 'npm')
    if (windows || !isProgram(file)) continue
    const real = realpathSync(file)
    return isNodeScript(real) ? [process.execPath, real] : [file]
  }
  const beside = join(dirname(dirname(realpathSync(process.execPath))), 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  for (const cli of [beside, '/usr/share/nodejs/npm/bin/npm-cli.js']) if (existsSync(cli)) return [process.execPath, cli]
  throw new SetupError('NPM_MISSING: npm is not in PATH. On Debian or Ubuntu type:\n  sudo apt-get install -y npm')
}

/** What npm installs and where is ours, whatever its own files say. */
const OUR_WAY = [
  '--loglevel=error',
  '--no-audit',
  '--no-fund',
  '--no-progress',
  '--no-global',
  '--no-dry-run',
  '--bin-links',
  '--package-lock',
]

/** What npm itself starts gets `node`. */
export async function npm(node, cwd, args, addOwner) {
  const shell = commandEnv(process.env)
  const env = { ...shell, PATH: `${dirname(node)}${delimiter}${shell['PATH'] ?? ''}` }
  const [program, ...before] = npmCommand()
  const child = spawn(program, [...before, ...args, ...OUR_WAY], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.pid !== undefined) addOwner(child.pid)
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => chunks.push(chunk))
  const { code, error } = await ended(child)
  const signal = signalReceived()
  if (signal !== undefined) process.exit(exitCodeOf(signal))
  return { ok: code === 0, output: error?.message ?? Buffer.concat(chunks).toString().trim() }
}

async function versionOf(node) {
  const child = spawn(node, ['-v'], { env: commandEnv(process.env), stdio: ['ignore', 'pipe', 'ignore'] })
  let version = ''
  child.stdout.on('data', chunk => {
    version += chunk
  })
  await ended(child)
  return version.trim()
}

/** A Node that runs TypeScript: ours, or the cache's, fetched if missing. */
export async function findNode(cache, say) {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath
  const home = join(cache, `node-${NODE_MAJOR}`)
  const nodeIn = folder => join(folder, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node')
  if (existsSync(nodeIn(home))) return nodeIn(home)
  const waiting = pid => say(`Another command (process ${pid}) fetches Node ${NODE_MAJOR}; waiting for it.`)
  return withLock(`${home}.lock`, waiting, async addOwner => {
    if (existsSync(nodeIn(home))) return nodeIn(home)
    say(`Fetching Node ${NODE_MAJOR} into ${home}: once, since this machine has ${process.version} …`)
    const partial = `${home}.partial`
    const remove = () => rmSync(partial, { recursive: true, force: true })
    remove() // what a killed command left: we hold the lock, nobody works on it
    process.once('exit', remove)
    try {
      const args = ['install', '--prefix', partial, '--ignore-scripts=false', `node@${NODE_MAJOR}`]
      const { ok, output } = await npm(process.execPath, cache, args, addOwner)
      const version = ok ? await versionOf(nodeIn(partial)) : ''
      if (!version.startsWith(`v${NODE_MAJOR}.`))
        throw new SetupError(
          `${output}\nNODE_MISSING: expected Node ${NODE_MAJOR} from npm, got ${version || 'none'}. To see it for yourself:\n  npm install --prefix ${home} node@${NODE_MAJOR}`,
        )
      rmSync(home, { recursive: true, force: true })
      renameSync(partial, home)
      return nodeIn(home)
    } finally {
      process.off('exit', remove)
      remove()
    }
  })
}

const readJson = file => JSON.parse(readFileSync(file, 'utf8'))

/** Whether packages match the lock file: somebody may have run `npm ci` directly. */
function installedMatches(root) {
  try {
    const wanted = readJson(join(root, 'package-lock.json')).packages
    const found = readJson(join(root, 'node_modules', '.package-lock.json')).packages
    const missing = Object.keys(wanted).filter(path => path !== '' && !wanted[path].optional && found[path] === undefined)
    return missing.length === 0 && Object.keys(found).every(path => found[path].integrity === wanted[path]?.integrity)
  } catch {
    return false
  }
}

/** Runs `npm ci` if the packages are not the lock file's; a stamp remembers it. */
export async function ensurePackages({ root, cache, node, say }) {
  const stamp = join(root, 'node_modules', '.lock-hash')
  const wanted = () => {
    const hash = createHash('sha256')
      .update(readFileSync(join(root, 'package-lock.json')))
      .digest('hex')
    return `${hash} ${process.platform}-${process.arch}`
  }
  const isFresh = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted()
  if (isFresh()) return
  const name = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16)
  const waiting = pid => say(`Another command (process ${pid}) installs the packages; waiting for it.`)
  await withLock(join(cache, `packages-${name}.lock`), waiting, async addOwner => {
    if (isFresh()) return
    const text = wanted()
    if (!installedMatches(root)) {
      say('Installing the packages (npm ci) …')
      // From here on packages are incomplete; --include: even under NODE_ENV=production.
      rmSync(stamp, { force: true })
      const { ok, output } = await npm(node, root, ['ci', '--include=dev', '--include=optional'], addOwner)
      if (!ok) throw new SetupError(`${output}\nPACKAGES_MISSING: npm ci failed. To see it for yourself:\n  npm ci`)
    }
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, text)
  })
}
