import { realpath, stat } from 'node:fs/promises'
import { readStored, shortName } from '#evidence/store/stored'
import { type ComparedArm, type ComparedRun, NothingShared, type Side } from '../../reports/compare/compared.ts'
import { loadRun, scenarioRun } from '../../reports/compare/side.ts'
import { letterOf } from '../../reports/words.ts'

/** Sides of a comparison, out of what was typed: `FOLDER`, `FOLDER#ARM`, several of them with commas between. */

/** Throws BadRun, or NothingShared for an arm that is none. */
export async function readSide(typed: string): Promise<Side> {
  // Names of arms hold commas too, each with a space behind it.
  const specs = await Promise.all(typed.split(/,(?! )/).map(specOf))
  const runs: ComparedRun[] = []
  for (const { folder, arm } of specs) {
    const run = await readRunOf(folder)
    runs.push(arm === undefined ? run : { ...run, arms: [armOf(run, arm)] })
  }
  const arms = [...new Set(specs.flatMap(({ arm }, i) => (arm === undefined ? [] : [runs[i]!.arms[0]!.arm])))]
  const folders = runs.length === 1 ? runs[0]!.label : `${runs.length} runs from ${runs[0]!.label} on`
  return { label: arms.length > 0 ? `${arms.join(' and ')} (${folders})` : folders, named: arms.length > 0, runs }
}

/** A folder of that whole name goes before one with an arm. */
async function specOf(text: string): Promise<{ folder: string; arm?: string }> {
  if (await exists(text)) return { folder: text }
  const hash = text.indexOf('#')
  const at = hash < 0 ? text.lastIndexOf(':') : hash
  return at < 0 ? { folder: text } : { folder: text.slice(0, at), arm: text.slice(at + 1) }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

async function readRunOf(folder: string): Promise<ComparedRun> {
  const run = await comparedRun(folder)
  if (run === undefined) throw new NothingShared(`${folder} is a matrix: it has no times to compare`)
  return run
}

/** A stored run as a comparison sees it; undefined of a matrix, which has no times. Throws BadRun. */
export async function comparedRun(folder: string): Promise<ComparedRun | undefined> {
  const stored = await readStored(folder)
  if (stored.kind === 'matrix') return undefined
  const at = { folder: await realpath(folder) }
  const label = await shortName(folder)
  return stored.kind === 'scenario'
    ? { ...scenarioRun(label, stored.document, stored.histories), ...at }
    : { ...loadRun(label, stored.document, stored.histories), ...at }
}

/** By its letter in the report, its name, or a part of the name that only it has. */
function armOf({ label, arms }: ComparedRun, typed: string): ComparedArm {
  const exact = arms.filter(({ arm }, i) => arm === typed || letterOf(i) === typed)
  const near = arms.filter(({ arm }) => arm.toLowerCase().includes(typed.toLowerCase()))
  const [found, other] = exact.length > 0 ? exact : near
  if (found === undefined || other !== undefined)
    throw new NothingShared(
      `${label}: expected one of its arms, got ${JSON.stringify(typed)}${near.length > 1 ? `, which ${near.length} match` : ''}. There are: ${arms.map(({ arm }, i) => `${letterOf(i)} ${JSON.stringify(arm)}`).join(', ')}`,
    )
  return found
}
