import type { HistoryEvent } from '#evidence/history'
import type { LoadDocument } from '#evidence/load-document'
import type { RunDocument } from '#evidence/run-document'
import { FOREIGN_CPU_MAX_PERCENT, tooNoisy } from '#evidence/verdict'
import type { ComparedRun } from './compared.ts'
import { armFacts, loadFacts } from './facts.ts'
import { loadMeasures } from './load-measures.ts'
import { armMeasures } from './scenario-measures.ts'

/** Stored runs as a comparison sees them. Pure. */

type Histories = ReadonlyMap<string, readonly HistoryEvent[]>

export function scenarioRun(label: string, run: RunDocument, histories: Histories): ComparedRun {
  return {
    label,
    arms: run.arms.map(arm => {
      const history = { ...arm.facts, events: histories.get(arm.name) ?? [] }
      const noisy = tooNoisy(history)
      return { arm: arm.name, measures: armMeasures(history), noisy, facts: armFacts(run, arm), checks: arm.checks }
    }),
  }
}

export function loadRun(label: string, load: LoadDocument, histories: Histories): ComparedRun {
  const events = [...histories.values()].flat()
  return {
    label,
    arms: [
      {
        arm: load.workload,
        measures: loadMeasures(load, events),
        noisy: loadNoise(load),
        facts: loadFacts(load),
        checks: load.checks,
      },
    ],
  }
}

/** Why the times of a load test say nothing of the system. */
function loadNoise({ generatorBound, generator, noise }: LoadDocument): string | undefined {
  if (generatorBound) return `the generator was the limit: ${generator.because}`
  if (noise.duringPercent <= FOREIGN_CPU_MAX_PERCENT) return undefined
  return `too noisy to tell (others used ${noise.duringPercent.toFixed(0)} % of the machine, ${noise.worstPercent.toFixed(0)} % at worst)`
}
