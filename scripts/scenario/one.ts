import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { HistoryEvent } from '#evidence/history'
import { inRunFolder, writeRendered, writeRun } from '#evidence/store/run-folder'
import { type RunOptions, runScenario, type Scenario } from '#experiment'
import type { Lab } from '#lab'
import { verdictText } from '../../reports/finding-words.ts'
import { rendered } from '../../reports/rendered.ts'
import { type StoredRun, startText } from '../../reports/summary.ts'
import { runDocument } from '../../scenarios/experiment/document.ts'
import { circumstances } from '../../scenarios/experiment/machine.ts'

/** One scenario with one seed, and the folder that it leaves. */

export interface OneOptions extends Omit<RunOptions, 'onTrouble'> {
  /** Keep the lab running after the first arm with an unexpected verdict. */
  keep?: boolean | undefined
  say(text: string): void
  /** Default: the project's reports. */
  reports?: string | undefined
  /** Files for people. Default: all there are. */
  render?: typeof rendered
}

export interface OneRun extends StoredRun {
  /** By arm. */
  histories: ReadonlyMap<string, readonly HistoryEvent[]>
  /** Its lab stands. */
  kept: boolean
  /** What went wrong when all was recorded. */
  error?: unknown
}

const LOG_LINES = 200

/** Throws what `runScenario` throws; then there was nothing to record, and no folder is left. */
export async function runOne(
  scenario: Scenario,
  { keep, say, reports, render = rendered, onArm, onJudged, ...options }: OneOptions,
): Promise<OneRun> {
  const startedAt = new Date().toISOString()
  const where = await circumstances(startedAt)
  const inFolder = async (folder: string): Promise<OneRun> => {
    let kept = false
    say(`\n${startText(scenario)}`)
    const run = await runScenario(scenario, {
      ...options,
      onArm: (arm, event, detail) => {
        onArm?.(arm, event, detail)
        if (event === 'trouble') say(`${arm}: ${detail}`)
        else if (event === 'running') say(`${arm} runs …`)
      },
      onJudged: judged => {
        onJudged?.(judged)
        say(`${judged.name}: ${judged.verdict}: ${verdictText(judged)}`)
      },
      async onTrouble(arm, lab) {
        // Logs are optional here.
        await saveLogs(lab, join(folder, 'logs', arm.replace(/[^\w.-]+/g, '-'))).catch((error: unknown) => say(`${arm}: ${String(error)}`))
        if (keep !== true) return false
        await lab.keep()
        kept = true
        say(`the lab is left standing.\nLook: npm run lab:status -- --name ${lab.name}\nEnd it: npm run lab:down -- --name ${lab.name}`)
        return true
      },
    })
    const document = runDocument(run, where)
    const histories = new Map(run.arms.map(arm => [arm.arm.name, arm.history]))
    await writeRun(folder, document, histories)
    const stored = { document, histories, folder: relative(process.cwd(), folder), kept }
    try {
      await writeRendered(folder, render(document, histories))
    } catch (error) {
      return { ...stored, error }
    }
    return stored
  }
  return inRunFolder(scenario.name, startedAt, inFolder, reports)
}

async function saveLogs(lab: Lab, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { name } of lab.parts) await writeFile(join(folder, `${name}.log`), await lab.logTail(name, LOG_LINES))
}
