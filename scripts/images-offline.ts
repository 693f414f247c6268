/** `npm run images:offline`: all images from Debian packages and npm, without a registry. */
import { chmod, cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { $ } from 'zx'
import { SetupError } from '#contracts/setup-error'
import { composeFallback, composeProgram, docker } from '../scenarios/lab/runtime/compose/docker.ts'
import { engineHere } from '../scenarios/lab/runtime/compose/engine.ts'
import { imageNames, isHere, packagesImage, ROOT, servicesImage } from '../scenarios/lab/runtime/compose/images.ts'
import { tableText } from '../services/terminal/table.ts'
import { stopSignal } from './lab/stop.ts'
import { ensurePrograms } from './setup/install.ts'
import { runProgram } from './setup/program.ts'
import { appendTo, makeRoot, workFolder } from './tools/images/debian-root.ts'
import { keptRoot } from './tools/images/kept-root.ts'
import { ollamaImage } from './tools/images/ollama-image.ts'
import { COMPOSE_ROOT, NODE_ROOT, RECIPES, type Recipe } from './tools/images/recipes.ts'

interface Built {
  image: string
  version: string
  megabytes: number
  seconds: number
}

/** dpkg's own variable. */
const DPKG_VERSION = '$' + '{Version}'

const say = (text: string) => console.error(text)

interface Options {
  force?: boolean
  keep?: boolean
  json?: boolean
  ollama?: string
}

async function build({ force = false, keep = false, json = false, ollama }: Options): Promise<void> {
  const signal = stopSignal()
  await engineHere()
  await ensurePrograms({ mmdebstrap: 'mmdebstrap' }, say)
  await using work = await workFolder()
  await ensureCompose(work.path, signal)
  const names = await imageNames()
  const built: Built[] = []
  for (const recipe of RECIPES) {
    const image = names[recipe.variable] ?? ''
    if (!force && (await isHere(image))) continue
    built.push(await timed(image, () => fromDebian(image, recipe, { folder: work.path, keep, signal })))
  }
  const packages = await packagesImage()
  if (force || !(await isHere(packages))) {
    built.push(await timed(packages, () => packagesFromNpm(packages, { folder: work.path, keep, signal })))
  }
  if (ollama !== undefined) {
    const image = names['OLLAMA_IMAGE'] ?? ''
    say(`Building ${image} from ${ollama} …`)
    built.push(await timed(image, () => ollamaImage(image, ollama, work.path, signal)))
  }
  const services = await servicesImage('', say)
  await docker(['tag', services, names['SERVICES_IMAGE'] ?? ''])
  if (json) console.log(JSON.stringify({ schemaVersion: 1, built }, undefined, 2))
  else print(built)
}

async function timed(image: string, work: () => Promise<string>): Promise<Built> {
  const startedMs = performance.now()
  const version = await work()
  const bytes = Number(await docker(['image', 'inspect', '--format', '{{.Size}}', image]))
  return { image, version, megabytes: Math.round(bytes / 1e6), seconds: Math.round((performance.now() - startedMs) / 100) / 10 }
}

interface Place {
  /** For what is not kept. */
  folder: string
  keep: boolean
  signal: AbortSignal
}

async function fromDebian(image: string, recipe: Recipe, { folder, keep, signal }: Place): Promise<string> {
  const { variable, suite, packages, finish, changes, version } = recipe
  const make = (tar: string) => {
    say(`Building ${image} from Debian ${suite} …`)
    return makeRoot(tar, { suite, packages, variant: 'minbase', finish: join(import.meta.dirname, 'tools', 'images', finish), signal })
  }
  const { tar, kept } = await keptRoot({ name: variable, key: [suite, packages], keep, make }, folder)
  if (kept) say(`Loading ${image} from ${tar} …`)
  await docker(['import', ...changes.flatMap(change => ['--change', change]), tar, image])
  const query = [image, '-W', '-f', DPKG_VERSION, version.of]
  const found = await docker(['run', '--rm', '--network', 'none', '--entrypoint', 'dpkg-query', ...query])
  if (!found.startsWith(version.startsWith)) {
    await docker(['image', 'rm', image])
    throw new SetupError(
      'INSTALL_FAILED',
      `expected ${version.of} ${version.startsWith}x in Debian ${suite}, found ${found}\nName a suite that has it: scripts/tools/images/recipes.ts`,
    )
  }
  return found
}

/** Node's own binary and the packages of the lock file, on the few libraries that they need. */
async function packagesFromNpm(image: string, { folder, keep, signal }: Place): Promise<string> {
  const make = (tar: string) => {
    say(`Building ${image} from Node ${process.version} and npm …`)
    return packagesRoot(tar, folder, signal)
  }
  const { tar, kept } = await keptRoot({ name: 'packages', key: [image, process.version, NODE_ROOT], keep, make }, folder)
  if (kept) say(`Loading ${image} from ${tar} …`)
  await docker(['import', ...NODE_ROOT.changes.flatMap(change => ['--change', change]), tar, image])
  return `Node ${process.version}`
}

async function packagesRoot(tar: string, folder: string, signal: AbortSignal): Promise<void> {
  await makeRoot(tar, { ...NODE_ROOT, variant: 'extract', signal })
  const more = join(folder, 'more')
  await mkdir(join(more, 'usr/bin'), { recursive: true })
  await mkdir(join(more, 'app'))
  await cp(process.execPath, join(more, 'usr/bin/node'))
  await chmod(join(more, 'usr/bin/node'), 0o755)
  for (const file of ['package.json', 'package-lock.json']) await cp(join(ROOT, file), join(more, 'app', file))
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  // The lab's own Postgres is an optional package, which no container needs.
  await $({ quiet: true, cwd: join(more, 'app'), signal })`npm ci --omit=dev --omit=optional ${quiet}`
  await appendTo(tar, more, ['usr/bin/node', 'app'], signal)
}

/** Compose v2 is in no package of Debian 12; that of a later suite runs here too. */
async function ensureCompose(folder: string, signal: AbortSignal): Promise<void> {
  if ((await composeProgram()) !== undefined) return
  say('Fetching compose from Debian …')
  const tar = join(folder, 'compose.tar')
  await makeRoot(tar, { suite: COMPOSE_ROOT.suite, packages: COMPOSE_ROOT.packages, variant: 'extract', signal })
  await $({ quiet: true, signal })`tar --extract --file ${tar} --directory ${folder} ./${COMPOSE_ROOT.program}`
  await mkdir(dirname(composeFallback()), { recursive: true })
  await cp(join(folder, COMPOSE_ROOT.program), composeFallback())
  await chmod(composeFallback(), 0o755)
}

function print(built: readonly Built[]): void {
  if (built.length === 0) {
    console.log('Every image is here. Anew: npm run images:offline -- --force')
    return
  }
  const rows = built.map(({ image, version, megabytes, seconds }) => [image, version, `${megabytes} MB`, `${seconds} s`])
  console.log(`${tableText([['image', 'version', 'size', 'took'], ...rows])}\nNext: npm run lab:up -- --runtime compose`)
}

const program = new Command('npm run images:offline --')
  .exitOverride()
  .description('Builds all images of the lab from Debian packages and npm, under the names of compose/images.env.')
  .option('--force', 'build images that exist, too')
  .option('--ollama <PROGRAM>', 'build one of Ollama, too, from a program as scripts/tools/images/ollama.sh makes it')
  .option('--keep', 'cache their file systems, 1 GB: an empty engine then has them in half a minute')
  .option('--json', 'one JSON document on stdout')
  .action(build)

await runProgram(program)
