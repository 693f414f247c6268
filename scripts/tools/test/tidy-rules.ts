/** The rules of the house that a machine can hold. Pure: each complaint says how to fix it. */

import { dataNotWords } from './tidy-data.ts'

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  path: string
  text: string
}

const FOLDERS = ['compose', 'services', 'scenarios', 'loadtest', 'reports', 'scripts'] as const
const IMPORTS_MAP: Record<string, string> = {
  '#contracts': 'services/contracts/',
  '#client': 'services/client/index.ts',
  '#lab': 'scenarios/lab/index.ts',
  '#evidence': 'scenarios/evidence/',
  '#checks': 'scenarios/evidence/checks/',
  '#experiment': 'scenarios/experiment/index.ts',
  '#predictor': 'scenarios/predictor/index.ts',
}
const LINES_MAX = 250

/** What a file imports: paths from the root; packages and Node's modules as written. */
function importsOf(file: SourceFile): string[] {
  const found = [
    ...file.text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]/g),
    ...file.text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g),
    ...file.text.matchAll(/(?:^|\n)import\s*['"]([^'"]+)['"]/g),
  ]
  return found.map(match => resolve(file.path, match[1] ?? ''))
}

function resolve(from: string, specifier: string): string {
  const alias = /^(#[a-z]+)(?:\/(.+))?$/.exec(specifier)
  if (alias !== null) {
    const target = IMPORTS_MAP[alias[1] ?? '']
    return target === undefined ? specifier : target.endsWith('/') ? `${target}${alias[2]}.ts` : target
  }
  if (!specifier.startsWith('.')) return specifier
  const parts = from.split('/').slice(0, -1)
  for (const step of specifier.split('/')) {
    if (step === '..') parts.pop()
    else if (step !== '.') parts.push(step)
  }
  return parts.join('/')
}

const rank = (path: string) => FOLDERS.findIndex(folder => path.startsWith(`${folder}/`))
const isTest = (path: string) => /\.(test|lab)\.ts$/.test(path)
const isEntry = (path: string) =>
  path.endsWith('/main.ts') ||
  path === 'services/kit/migrate.ts' ||
  path.startsWith('scripts/') ||
  path.startsWith('scenarios/lab/runtime/') ||
  path.startsWith('loadtest/k6-host/') ||
  path.startsWith('scenarios/worker-contract/') ||
  isTest(path)

type Rule = (file: SourceFile, imports: string[]) => string[]

/** A file may import from its own top-level folder and from those to the left. */
const order: Rule = (file, imports) =>
  imports
    .filter(target => rank(target) > rank(file.path) && rank(file.path) >= 0)
    .map(target => `imports ${target}, which is to its right (${FOLDERS.join(' < ')}): move what both need to the left`)

const contractsStandAlone: Rule = (file, imports) =>
  file.path.startsWith('services/contracts/') && !isTest(file.path)
    ? imports
        .filter(t => rank(t) >= 0 && !t.startsWith('services/contracts/'))
        .map(t => `imports ${t}: contracts/ imports nothing of ours; move that piece into contracts/ or keep it out`)
    : []

const service = (path: string) => /^services\/([^/]+)\//.exec(path)?.[1]
const SHARED = new Set(['contracts', 'kit'])
/** The chat's clients for people. */
const CHATS = new Set(['terminal'])
const servicesApart: Rule = (file, imports) => {
  const own = service(file.path)
  if (own === undefined) return []
  return imports
    .filter(target => {
      const other = service(target)
      if (other === undefined || other === own || SHARED.has(other)) return false
      if (CHATS.has(own) && target === 'services/client/index.ts') return false
      return !(own === 'im-node' && target === 'services/ai-worker/index.ts')
    })
    .map(target => `imports ${target}: services talk through the broker, the database or HTTP; shared code goes to kit/`)
}

const blackBox: Rule = (file, imports) =>
  file.path.startsWith('scenarios/lab/') && !isTest(file.path)
    ? imports
        .filter(t => t.startsWith('services/') && !t.startsWith('services/contracts/') && t !== 'services/client/index.ts')
        .map(t => `imports ${t}: the lab starts services by path and never imports them`)
    : []

const scenarioFace: Rule = (file, imports) => {
  if (!/^scenarios\/[^/]+\.(scenario|lab)\.ts$/.test(file.path)) return []
  const allowed = [
    'scenarios/lab/index.ts',
    'scenarios/evidence/',
    'scenarios/experiment/index.ts',
    'services/client/index.ts',
    'services/contracts/',
    'scenarios/predictor/index.ts',
  ]
  return imports
    .filter(t => rank(t) >= 0 && !allowed.some(a => t.startsWith(a)))
    .map(
      t =>
        `imports ${t}: scenarios use #lab, #experiment, #checks/*, #client, #contracts/*, #predictor alone; give #lab the verb that is missing`,
    )
}

/** A program of its own: it runs in a browser and talks to the console. */
const LIVE_PAGE = 'reports/console/page/'
const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|process\.hrtime|\bMath\.random\(|\bfetch\(|\bsetTimeout\(|\bsetInterval\(/
const pure: Rule = (file, imports) => {
  if (
    !/^(scenarios\/(evidence|predictor)|reports)\//.test(file.path) ||
    file.path.startsWith('scenarios/evidence/store/') ||
    file.path.startsWith(LIVE_PAGE) ||
    isTest(file.path)
  )
    return []
  const complaints = imports
    .filter(t => /^node:(fs|net|http|https|child_process|timers|os|perf_hooks|dgram)/.test(t))
    .map(t => `imports ${t}: evidence, predictor and reports are pure; hand the data in`)
  const impure = IMPURE.exec(file.text)
  if (impure !== null) complaints.push(`uses ${impure[0]}: evidence, predictor and reports are pure; hand the value in`)
  return complaints
}

const KNOWS_DOCKER = /^scenarios\/lab\/runtime\/|^scripts\/tools\/(docker|images)\/|^scripts\/(images-offline|test|setup\/facts)\.ts$/
const dockerKnown: Rule = (file, imports) => {
  const named = imports.filter(
    t => /^@?testcontainers/.test(t) || t.startsWith('scenarios/lab/runtime/compose/') || t.startsWith('scripts/tools/docker/'),
  )
  return named.length > 0 && !KNOWS_DOCKER.test(file.path) && file.path !== 'scenarios/lab/index.ts'
    ? [`imports ${named.join(', ')}: only the runtime, doctor, the image scripts and the Docker suite know Docker`]
    : []
}

const ollamaKnown: Rule = (file, imports) =>
  imports.includes('ollama') && !/^services\/ai-worker\/model-server|^services\/gpu-sim\/|real-model|calibrate/.test(file.path)
    ? ["imports ollama: only the worker's model-server.ts, gpu-sim with its contract suite, real-model and calibrate know Ollama"]
    : []

/** k6 runs these files without Node's modules and npm's packages; types are stripped. */
const INSIDE_K6 = /^k6(\/|$)|^loadtest\/k6\//
const CLIENT_VIEW = 'services/client/view.ts'
const insideK6: Rule = file => {
  const inside = file.path.startsWith('loadtest/k6/') && !isTest(file.path)
  if (!inside && file.path !== CLIENT_VIEW) return []
  const withoutTypes = { ...file, text: file.text.replaceAll(/(^|\n)import type\s[^'"]*['"][^'"]+['"]/g, '') }
  return importsOf(withoutTypes)
    .filter(target => !inside || !(INSIDE_K6.test(target) || target === CLIENT_VIEW))
    .map(target => `imports ${target}: this runs inside k6, which has its own modules alone; import its types, or hand the value in`)
}

const SLEEP = /\bsetTimeout\s*\(\s*(?:resolve|r|done|res|ok)\s*,|from ['"](?:node:)?timers\/promises['"]|\bsleep\s*\(/
const noSleep: Rule = file =>
  (isTest(file.path) || file.path.endsWith('.scenario.ts')) && SLEEP.test(file.text)
    ? [`sleeps (${SLEEP.exec(file.text)?.[0].trim()}): wait for a condition with a deadline that prints the last value seen`]
    : []

const envInEntries: Rule = file =>
  /\bprocess\.env\b/.test(file.text) && !isEntry(file.path)
    ? ['reads process.env: only entry files do (main.ts, scripts, runtime); take the value as an argument']
    : []

const small: Rule = file => {
  const lines = file.text.split('\n').length - 1
  return lines > LINES_MAX ? [`has ${lines} lines: more than ${LINES_MAX} is a sign that something else lives in there; split it`] : []
}

const RULES: Rule[] = [
  order,
  contractsStandAlone,
  servicesApart,
  blackBox,
  scenarioFace,
  pure,
  dataNotWords,
  dockerKnown,
  ollamaKnown,
  insideK6,
  noSleep,
  envInEntries,
  small,
]

/** Files that import each other in a circle, types included: none can move alone. */
function circles(importsBy: ReadonlyMap<string, string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  const found: string[] = []
  const visit = (file: string): void => {
    state.set(file, 'open')
    path.push(file)
    for (const target of importsBy.get(file) ?? []) {
      if (state.get(target) === 'open')
        found.push(
          `${file}: closes a circle (${path.slice(path.indexOf(target)).join(' > ')} > ${target}): move what both need to a third file`,
        )
      else if (importsBy.has(target) && !state.has(target)) visit(target)
    }
    path.pop()
    state.set(file, 'done')
  }
  for (const file of importsBy.keys()) if (!state.has(file)) visit(file)
  return found
}

/** Every breach, as `path: what and how to fix it`. */
export function complaints(files: SourceFile[]): string[] {
  const importsBy = new Map(files.map(file => [file.path, importsOf(file)]))
  const broken = files.flatMap(file =>
    RULES.flatMap(rule => rule(file, importsBy.get(file.path) ?? [])).map(text => `${file.path}: ${text}`),
  )
  return [...broken, ...circles(importsBy)]
}
