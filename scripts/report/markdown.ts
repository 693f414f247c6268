import type { RunDocument } from '#checks/run-document'
import { duration } from '../predict/text.ts'
import { keyRows, rowText } from './measures.ts'
import { outcome, printable } from './words.ts'

const cell = (text: string) => printable(text).replaceAll('|', '\\|').replaceAll('\n', ' ')
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)].join('\n')

/** The report of a run in Markdown, for a mail or a pull request. Pure. */
export function runMarkdown(run: RunDocument): string {
  const arms = table(
    ['arm', 'role', 'verdict', 'why'],
    run.arms.map(arm => [arm.name, arm.role, arm.verdict, arm.detail]),
  )
  const figures = run.arms.flatMap(arm =>
    keyRows(arm).map(key => {
      const { measured, ideal, predicted, limit } = rowText(key)
      return [arm.name, key.label, measured, ideal, predicted, limit]
    }),
  )
  const { versions, machine, commit } = run
  return `# ${run.verdict.toUpperCase()}: ${run.scenario}

${run.claim}

${outcome(run)} Seed ${run.seed}, ${run.size}, ${run.runtime}, ${run.startedAt}, took ${duration(run.tookMs)}.

${arms}
${figures.length === 0 ? '' : `\n${table(['arm', 'measure', 'measured', 'ideal', 'predicted (band)', 'limit'], figures)}\n`}
Again: \`${run.command}\`

Prefetch Lab ${versions.lab}, commit ${commit.id}${commit.dirty ? ' with changes' : ''}; ${versions.broker}, ${versions.database}, Node ${versions.node}; single host, ${machine.cpu}, ${machine.cores} cores, generator co-located; GPUs simulated.
`
}
