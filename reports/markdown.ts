import { KEDA_DEFAULTS, type Scaler } from '#evidence/autoscaler'
import type { HistoryEvent } from '#evidence/history'
import type { RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { SCALED_HEAD, scaledRow, scalerIntro } from './autoscaler-words.ts'
import { verdictText, verdictTexts } from './finding-words.ts'
import { inShort } from './in-short.ts'
import { limitsOf } from './limits-of-run.ts'
import { clockedRows, countsText, keyRows, rowText } from './measures.ts'
import { scaledOf } from './model/autoscaler.ts'
import { ownBrokerText } from './own-broker-words.ts'
import { duration } from './predict/text.ts'
import { waysOf, waysTexts } from './ways.ts'
import { witnessLines } from './witness.ts'
import { asPlanned, counted, outcome, printable, roleOf, worstFirst } from './words.ts'

/** A run as Markdown: the page without pictures. Pure. */
export function runMarkdown(
  run: RunDocument,
  histories: ReadonlyMap<string, readonly HistoryEvent[]> = new Map(),
  scaler = KEDA_DEFAULTS,
): string {
  const { scenario, verdict, claim, seed, size, startedAt, tookMs, arms } = run
  return [
    `# ${verdict.toUpperCase()} ${plain(scenario)}`,
    plain(claim),
    [outcome(run), ...inShort(run)].map(plain).join(' '),
    `${counted(arms.length, 'arm')}, ${duration(tookMs)}; size ${size}, seed ${seed}; ${startedAt}.`,
    ...trouble(run),
    '## Arms',
    markdownTable(
      ['', 'arm', 'role', 'verdict', 'counted'],
      arms.map((arm, i) => [letterOf(i), arm.name, roleOf(arm), arm.verdict, countsText(arm)]),
    ),
    ...ways(run),
    ...measures(run),
    ...autoscaler(run, histories, scaler),
    '## Checks',
    checks(run),
    ...controls(run),
    '## Limits',
    limitsOf(run)
      .map(({ what, why }) => `- **${plain(what)}** ${plain(why)}`)
      .join('\n'),
    '## Replay',
    `\`\`\`sh\n${printable(run.command)}\n\`\`\``,
    replay(run),
  ]
    .join('\n\n')
    .concat('\n')
}

/** Text that Markdown takes for text, on one line. */
export function plain(text: string): string {
  return printable(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|]/g, character => `\\${character}`)
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |`
  return [row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row)].join('\n')
}

function trouble({ arms }: RunDocument): string[] {
  const bad = worstFirst(arms.filter(arm => !asPlanned(arm)))
  if (bad.length === 0) return []
  const items = bad.map(arm => {
    const shown = witnessLines(arm.checks).map(line => `\n  - ${plain(line)}`)
    return `- **${plain(arm.name)}**: ${arm.verdict}. ${verdictTexts(arm).map(plain).join('; ')}${shown.join('')}`
  })
  return ['## Failed or unknown', items.join('\n')]
}

function ways(run: RunDocument): string[] {
  const found = waysOf(run)
  if (found === undefined) return []
  const { head, rows } = waysTexts(found)
  return ['## Side by side', markdownTable(head, rows)]
}

function measures({ arms }: RunDocument): string[] {
  const rows = arms.flatMap((arm, i) =>
    clockedRows(keyRows(arm), row => `${row.label}, on the wall`).map(row => {
      const { measured, ideal, predicted, limit } = rowText(row)
      return [row.label, letterOf(i), measured, ideal, predicted, limit && `${limit} (${row.limit?.verdict})`]
    }),
  )
  if (rows.length === 0) return []
  const byMeasure = rows.toSorted((a, b) => rows.findIndex(r => r[0] === a[0]) - rows.findIndex(r => r[0] === b[0]))
  return ['## Measures', markdownTable(['measure', 'arm', 'measured', 'ideal', 'predicted (band)', 'limit'], byMeasure)]
}

function autoscaler({ arms }: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>, scaler: Scaler): string[] {
  const rows = arms.flatMap(({ name, facts, timeScale }, i) => {
    const scaled = scaledOf({ ...facts, events: histories.get(name) ?? [] }, scaler, timeScale)
    return scaled === undefined ? [] : [scaledRow(letterOf(i), scaled)]
  })
  return rows.length === 0 ? [] : ['## What an autoscaler sees', scalerIntro(scaler), markdownTable(SCALED_HEAD, rows)]
}

function checks({ arms }: RunDocument): string {
  const names = [...new Set(arms.flatMap(arm => arm.checks.map(({ name }) => name)))]
  const claims = new Map(arms.flatMap(arm => arm.checks.map(({ name, claim }) => [name, claim])))
  return markdownTable(
    ['check', 'what must hold', ...arms.map((_, i) => letterOf(i))],
    names.map(name => [name, claims.get(name) ?? '', ...arms.map(arm => arm.checks.find(check => check.name === name)?.verdict ?? '')]),
  )
}

function controls({ arms }: RunDocument): string[] {
  const items = arms.flatMap(arm => {
    const { role, name, breaks = '', because = '', verdict } = arm
    const proof = `${verdict === 'broke' ? 'It broke' : 'Not shown'}: ${plain(verdictText(arm))}`
    return role === 'control' ? [`- **${plain(name)}** must break ${plain(breaks)}, because ${plain(because)}. ${proof}`] : []
  })
  return items.length === 0 ? [] : ['## Controls', items.join('\n')]
}

function replay({ versions, machine, commit, runtime }: RunDocument): string {
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, ${runtime}`
  const what = `Prefetch Lab ${versions.lab} at ${commit.id}${commit.dirty ? ' with changes' : ''}, Node ${versions.node.replace(/^v/, '')}, ${versions.broker}, ${versions.database}`
  const own = versions.ownBroker === undefined ? '' : ` Your own broker ${ownBrokerText(versions.ownBroker)}.`
  return plain(`${what}. ${where}.${own}`)
}
