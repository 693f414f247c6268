import { realpath, stat } from 'node:fs/promises'
import { readStored, shortName } from '#evidence/store/stored'
import { NotComparable } from '../../reports/compare/meetings.ts'
import { type ComparedArm, type ComparedRun, loadRun, type Side, scenarioRun } from '../../reports/compare/sides.ts'
import { letterOf } from '../../reports/words.ts'

/** Sides of a comparison, out of what was typed: `FOLDER`, `FOLDER#ARM`, several of them with commas between. */

/** Throws BadRun, or NotComparable for an arm that does not exist. */
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

/** Throws BadRun, or NotComparable of a matrix. */
async function readRunOf(folder: string): Promise<ComparedRun> {
  const stored = await readStored(folder)
  if (stored.kind === 'matrix') throw new NotComparable('NOTHING_SHARED', `${folder} is a matrix: it has no times to compare`)
  const label = await shortName(folder)
  const run =
    stored.kind === 'load' ? loadRun(label, stored.document, stored.histories) : scenarioRun(label, stored.document, stored.histories)
  return { ...run, folder: await realpath(folder) }
}

/** By its letter in the report, its name, or a part of the name that only it has. */
function armOf({ label, arms }: ComparedRun, typed: string): ComparedArm {
  const exact = arms.filter(({ arm }, i) => arm === typed || letterOf(i) === typed)
  const near = arms.filter(({ arm }) => arm.toLowerCase().includes(typed.toLowerCase()))
  const [found, other] = exact.length > 0 ? exact : near
  if (found === undefined || other !== undefined)
    throw new NotComparable(
      'NOTHING_SHARED',
      `${label}: expected one of its arms, got ${JSON.stringify(typed)}${near.length > 1 ? `, which ${near.length} match` : ''}. There are: ${arms.map(({ arm }, i) => `${letterOf(i)} ${JSON.stringify(arm)}`).join(', ')}`,
    )
  return found
}
