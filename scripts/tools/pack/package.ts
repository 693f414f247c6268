import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $ } from 'zx'

/** The package for other projects: simulated GPU, predictor and checks, as JavaScript with types.
 *  Node strips no types below `node_modules`, so it cannot be the sources. */

/** Each way in, and the source behind it. */
const ENTRIES = {
  gpu: 'services/gpu-sim/gpu-sim',
  settings: 'services/contracts/settings',
  profiles: 'services/contracts/gpu-profiles',
  predictor: 'scenarios/predictor/index',
  evidence: 'scenarios/evidence/judge',
} as const
const CHECKS = 'scenarios/evidence/checks'
const BIN = 'scripts/gpu'
/** What Node 20 lacks of what they use. */
const SHIMS = [
  'map/group-by',
  'async-disposable-stack/index',
  'iterator/index',
  'promise/with-resolvers',
  'symbol/dispose',
  'symbol/async-dispose',
]

interface Manifest {
  name: string
  version: string
  license: string
  imports: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

/** Compiles and packs. @param root the clone @param folder emptied first @returns the tarball */
export async function packInto(root: string, folder: string): Promise<string> {
  const stage = join(folder, 'package')
  await rm(stage, { recursive: true, force: true })
  await mkdir(stage, { recursive: true })
  const checks = (await readdir(join(root, CHECKS))).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const sources = [...Object.values(ENTRIES), BIN].map(file => `${file}.ts`).concat(checks.map(file => `${CHECKS}/${file}`))
  const config = join(folder, 'tsconfig.json')
  await writeFile(config, JSON.stringify(compiling(root, stage, sources)))
  const run = $({ cwd: root, quiet: true })
  await run`node_modules/.bin/tsc -p ${config}`
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
  const packages = await importedBy(stage)
  await writeFile(join(stage, 'package.json'), `${JSON.stringify(manifestOf(manifest, packages), null, 2)}\n`)
  for (const [name, file] of Object.entries({ ...ENTRIES, bin: BIN }))
    await writeFile(join(stage, `${name}.js`), entry(file, name === 'bin'))
  for (const [name, file] of Object.entries(ENTRIES)) await writeFile(join(stage, `${name}.d.ts`), `export * from './${file}.js'\n`)
  await writeFile(join(stage, 'shims.js'), SHIMS.map(shim => `import 'core-js/actual/${shim}.js'\n`).join(''))
  await cp(join(root, 'LICENSE'), join(stage, 'LICENSE'))
  await cp(join(root, 'services/gpu-sim/PACKAGE.md'), join(stage, 'README.md'))
  const packed = await $({ cwd: stage, quiet: true })`npm pack --silent --pack-destination ${folder}`
  return join(folder, packed.stdout.trim().split('\n').at(-1) ?? '')
}

function entry(file: string, isBin: boolean): string {
  return isBin
    ? `#!/usr/bin/env node\nimport './shims.js'\nawait import('./${file}.js')\n`
    : `import './shims.js'\nexport * from './${file}.js'\n`
}

function compiling(root: string, stage: string, sources: readonly string[]): object {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      // Node 20 knows no `using`.
      ...{ target: 'es2022', noEmit: false, declaration: true, rewriteRelativeImportExtensions: true },
      ...{ outDir: stage, rootDir: root, typeRoots: [join(root, 'node_modules/@types')] },
    },
    include: [],
    files: sources.map(file => join(root, file)),
  }
}

/** Packages that the compiled files import. */
async function importedBy(stage: string): Promise<string[]> {
  const files = (await readdir(stage, { recursive: true })).filter(file => file.endsWith('.js'))
  const texts = await Promise.all(files.map(file => readFile(join(stage, file), 'utf8')))
  const names = texts.flatMap(text =>
    [...text.matchAll(/(?:from|import) '((?:@[^/']+\/)?[^.#/'][^/']*)(?:\/[^']*)?'/g)].map(([, name]) => name ?? ''),
  )
  return [...new Set(names)].filter(name => !name.startsWith('node:')).sort()
}

function manifestOf({ name, version, license, imports, dependencies, devDependencies }: Manifest, packages: readonly string[]): object {
  const all = { ...dependencies, ...devDependencies }
  const needed = [...packages, 'core-js'].map(one => {
    if (all[one] === undefined) throw new Error(`${one} is imported and stands in no list of dependencies`)
    return [one, all[one]]
  })
  const ways = Object.keys(ENTRIES).map(way => [`./${way}`, { types: `./${way}.d.ts`, default: `./${way}.js` }])
  return {
    name,
    version,
    description: 'A simulated GPU behind the APIs of Ollama and OpenAI, a predictor of work queues, and checks of what a chat system did.',
    license,
    type: 'module',
    engines: { node: '>=20.11' },
    bin: { [`${name}-gpu`]: './bin.js' },
    imports: Object.fromEntries(Object.entries(imports).map(([alias, path]) => [alias, path.replace(/\.ts$/, '.js')])),
    exports: { ...Object.fromEntries(ways), './checks/*': `./${CHECKS}/*.js` },
    dependencies: Object.fromEntries(needed),
  }
}
