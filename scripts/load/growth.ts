/** `npm run load -- growth`: what a message costs as nodes, users, sizes or a backlog grow. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { GROWTH_SCHEMA_VERSION, GrowthDocument } from '#evidence/growth-document'
import { AXES, type Axis, axesNamed, runGrowth } from '../../loadtest/growth/index.ts'
import { growthJunit, growthPieceText, growthText } from '../../reports/growth/text.ts'
import { terminalInk } from '../../reports/ink.ts'
import { renderedGrowth } from '../../reports/rendered.ts'
import { stopSignal } from '../lab/stop.ts'
import { commandOf } from '../setup/program.ts'
import { readyRuntime } from '../setup/runtime.ts'
import { BadLoad } from './bad-load.ts'
import { COUNTED_EXITS, type CountedGiven, countedLab, namesIn, pieceGiven, pieceMs, refuseOthers, storedCounted } from './counted.ts'

const PLAN = { outstanding: 200, warmUpMs: 1_000, forMs: 3_000 }

export async function growth(given: CountedGiven, program: Command): Promise<void> {
  refuseOthers('growth', program)
  const axes = axesOf(given.only)
  const labPlan = countedLab('growth', given)
  const plan = { ...PLAN, repetitions: given.repeat, forMs: pieceMs(given, program) ?? PLAN.forMs }
  const signal = stopSignal()
  await readyRuntime('native', { install: given.install })
  const { document, folder } = await storedCounted<GrowthDocument>(
    'growth',
    signal,
    async (about, { versions, tookMs }) => {
      const onPiece = (...piece: Parameters<typeof growthPieceText>) => console.error(growthPieceText(...piece))
      const result = await runGrowth({ axes, labPlan, plan, signal, onPiece })
      return GrowthDocument.parse({
        ...{ schemaVersion: GROWTH_SCHEMA_VERSION, kind: 'growth', ...about, seed: given.seed, ...result, tookMs: tookMs() },
        command: commandOf(program, ['growth'], { ...given, for: pieceGiven(given, program) }),
        versions: { ...versions, ...result.versions },
      })
    },
    renderedGrowth,
  )
  if (given.json === true) console.log(JSON.stringify({ ...document, folder }, undefined, 2))
  else console.log(growthText(document, folder, terminalInk, process.stdout.columns ?? 80))
  if (given.junit !== undefined) await writeFile(given.junit, growthJunit(document))
  process.exitCode = COUNTED_EXITS[document.verdict]
}

function axesOf(only: string | undefined): readonly Axis[] {
  if (only === undefined) return AXES
  const axes = axesNamed(namesIn(only))
  if (axes === undefined)
    throw new BadLoad(
      `--only: expected what grows, with commas between: ${AXES.map(({ axis }) => axis).join(', ')}; got ${JSON.stringify(only)}`,
    )
  return axes
}
