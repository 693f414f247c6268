import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import { makeRunFolder, writeRendered } from '#evidence/store/run-folder'
import { readStored } from '#evidence/store/stored'
import { letterOf, shellWord } from '#evidence/typed'
import { type CompareDocument, compareDocument } from '../../reports/compare/document.ts'
import { notComparable } from '../../reports/compare/meetings.ts'
import { comparePage } from '../../reports/compare/page.ts'
import { type ComparedArm, type ComparedRun, loadRun, type Side, scenarioRun } from '../../reports/compare/sides.ts'
import { compareMarkdown } from '../../reports/compare/text.ts'

/** Compares stored runs. A side is `FOLDER` or `FOLDER#ARM`, commas between several. */

/** @param startedAt ISO 8601 @param reports default: the project's. Throws BadRun. */
export async function compare(
  typed: readonly string[],
  startedAt: string,
  reports?: string,
): Promise<{ document: CompareDocument; folder: string }> {
  const document = compareDocument(await Promise.all(typed.map(readSide)), `npm run report -- compare ${typed.map(shellWord).join(' ')}`)
  const folder = await makeRunFolder('compare', startedAt, reports)
  await writeRendered(folder, {
    'compare.json': `${compareJson(document, 1)}\n`,
    'report.html': comparePage(document),
    'report.md': compareMarkdown(document),
  })
  return { document, folder }
}

/** Without the curves: their single values lie in the runs themselves. */
export function compareJson(document: object, indent: number): string {
  return JSON.stringify(document, (key, value) => (key === 'curves' ? undefined : value), indent)
}

/** Throws BadRun, also for an arm that does not exist. */
export async function readSide(typed: string): Promise<Side> {
  const runs: ComparedRun[] = []
  const named: string[] = []
  // Names of arms hold commas too, each with a space behind it.
  for (const text of typed.split(/,(?! )/)) {
    // A folder of that whole name goes before one with an arm.
    const at = existsSync(text) ? -1 : text.includes('#') ? text.indexOf('#') : text.lastIndexOf(':')
    const run = await readRunOf(at < 0 ? text : text.slice(0, at))
    const arms = at < 0 ? run.arms : [armOf(run, text.slice(at + 1))]
    runs.push({ ...run, arms })
    if (at >= 0) named.push(arms[0]!.arm)
  }
  const folders = runs.length === 1 ? runs[0]!.label : `${runs.length} runs from ${runs[0]!.label} on`
  const label = named.length > 0 ? `${[...new Set(named)].join(' and ')} (${folders})` : folders
  return { label, runs }
}

async function readRunOf(folder: string): Promise<ComparedRun> {
  const stored = await readStored(folder)
  if (stored.kind === 'matrix') throw notComparable('NOTHING_SHARED', `${folder} is a matrix of an older lab: it has no times to compare`)
  if (stored.kind === 'peers' || stored.kind === 'growth')
    throw notComparable('NOTHING_SHARED', `${folder} compares systems in itself.\nShow it: npm run report -- ${folder}`)
  const [real, { histories }] = [await realpath(folder), stored]
  const name = basename(real)
  const run = stored.kind === 'load' ? loadRun(name, stored.document, histories) : scenarioRun(name, stored.document, histories)
  return { ...run, folder: real }
}

/** By its letter in the report, its name, or a part of the name that only it has. */
function armOf({ label, arms }: ComparedRun, typed: string): ComparedArm {
  const exact = arms.filter(({ arm }, i) => arm === typed || letterOf(i) === typed)
  const near = arms.filter(({ arm }) => arm.toLowerCase().includes(typed.toLowerCase()))
  const [found, other] = exact.length > 0 ? exact : near
  if (found !== undefined && other === undefined) return found
  const many = near.length > 1 ? `, which ${near.length} match` : ''
  const all = arms.map(({ arm }, i) => `${letterOf(i)} ${JSON.stringify(arm)}`).join(', ')
  throw notComparable('NOTHING_SHARED', `${label}: expected one of its arms, got ${JSON.stringify(typed)}${many}. There are: ${all}`)
}
