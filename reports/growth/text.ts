import type { GrowthDocument, GrowthSample } from '#evidence/growth-document'
import { tableText } from '../../services/terminal/table.ts'
import { paragraph } from '../../services/terminal/text.ts'
import { type Ink, plainInk } from '../ink.ts'
import { junitOf } from '../junit.ts'
import { milliseconds } from '../load/live.ts'
import { markdownTable, plain } from '../markdown.ts'
import { cpuWords } from '../peers/words.ts'
import { AXIS_WORDS, growthCaveats, growthRows, growthWords, HEADS, sizeWords, systemWords, verdictWords } from './words.ts'

/** What grows, for a terminal, as Markdown and for CI. Pure. */

const STYLES = { pass: 'green', fail: 'red', unknown: 'yellow' } as const
const PART = HEADS.indexOf('by part')

export function growthText(run: GrowthDocument, folder: string, ink: Ink = plainInk, columns = 80): string {
  const { verdict, versions, command } = run
  // Parts need more than a terminal's width: they stand in the report.
  const narrow = (row: readonly string[]) => row.filter((_, i) => i !== PART)
  const head = `${verdict.toUpperCase()} growth: ${verdictWords(run)}`
  return [
    ...paragraph(head, columns, '').map((line, i) => (i === 0 ? ink('bold', ink(STYLES[verdict], line)) : line)),
    '',
    tableText([narrow(HEADS), ...growthRows(run).map(narrow)], { columns }),
    '',
    ...growthCaveats(run).flatMap(({ what, why }) => paragraph(`${what} ${why}`, columns, '  ')),
    `  ${[versions['broker'], versions['database']].join(', ')}`,
    `  again: ${command}`,
    `  evidence: ${folder}`,
  ].join('\n')
}

/** One line for each piece, while it runs. */
export function growthPieceText(axis: keyof typeof AXIS_WORDS, system: string, size: number, sample: GrowthSample): string {
  const { repetition, perSecond, p50Ms, cpuUs } = sample
  const wait = p50Ms === null ? '' : `, p50 ${milliseconds(p50Ms)} ms`
  return `${sizeWords(size)} ${AXIS_WORDS[axis]} #${repetition + 1} ${systemWords(system)}: ${Math.round(perSecond)}/s${wait}, µs ${cpuWords(cpuUs)}`
}

export function growthMarkdown(run: GrowthDocument): string {
  return `${[
    `# ${run.verdict.toUpperCase()} load growth`,
    verdictWords(run),
    markdownTable([...HEADS], growthRows(run)),
    '## Limits',
    growthCaveats(run)
      .map(({ what, why }) => `- **${plain(what)}** ${plain(why)}`)
      .join('\n'),
    '## Replay',
    `\`\`\`sh\n${run.command}\n\`\`\``,
  ].join('\n\n')}\n`
}

/** A case for each system along an axis. */
export function growthJunit(run: GrowthDocument): string {
  const cases = run.series.map(one => ({
    name: `${AXIS_WORDS[one.axis]}: ${systemWords(one.system)}`,
    verdict: one.growth === null ? ('unknown' as const) : ('pass' as const),
    detail: growthWords(one),
  }))
  const whole = { name: 'the run as a whole', verdict: run.verdict, detail: verdictWords(run) }
  const { broker = '', database = '', lab = '', node = '' } = run.versions
  return junitOf('Prefetch Lab load tests', [
    { run: { ...run, versions: { broker, database, lab, node } }, name: 'load growth', cases: [whole, ...cases] },
  ])
}
