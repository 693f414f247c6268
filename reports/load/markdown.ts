import type { LoadDocument } from '#evidence/load-document'
import { codeWords, findingText, verdictText } from '../finding-words.ts'
import { markdownTable, plain } from '../markdown.ts'
import { duration } from '../predict/text.ts'
import { figure, printable } from '../words.ts'
import {
  besideModel,
  clockedRows,
  cpuPerMessageUs,
  honestyOf,
  latencyText,
  limitTexts,
  loadLimits,
  memoryTexts,
  offeredText,
  spanText,
} from './words.ts'

/** A load test as Markdown: what the page says, without its pictures. Pure. */
export function loadMarkdown(load: LoadDocument): string {
  const { verdict, workload, thresholds, checks, parts, command } = load
  const memory = memoryTexts(load)
  const caveats = (list: readonly { what: string; why: string }[]) =>
    list.map(({ what, why }) => `- **${plain(what)}** ${plain(why)}`).join('\n')
  return [
    `# ${verdict.toUpperCase()} load ${plain(workload)}`,
    [verdictText(load), offeredText(load), latencyText(load)].map(text => `- ${plain(text)}`).join('\n'),
    '## Latency',
    markdownTable(
      ['', 'from where to where', 'p50', 'p95', 'p99', 'longest', 'count'],
      clockedRows(load).map(([name, summary]) => {
        const { p50, p95, p99, max, count } = summary
        return [name, spanText(summary), ...[p50, p95, p99, max].map(duration), String(count)]
      }),
    ),
    ...besideModel(load).map(plain),
    '## Thresholds',
    thresholds.length === 0
      ? 'None.'
      : markdownTable(
          ['limit', 'measured', 'allowed', 'verdict'],
          thresholds.map(each => [codeWords(each.name), ...limitTexts(each, load.timeScale), each.verdict]),
        ),
    '## Checks',
    checks.length === 0
      ? 'Nothing was judged: this engine records no single messages.'
      : markdownTable(
          ['check', 'what must hold', 'verdict', 'found'],
          checks.map(check => [check.name, check.claim, check.verdict, findingText(check)]),
        ),
    '## Generator and noise',
    caveats(honestyOf(load)),
    ...(parts.length === 0
      ? []
      : [
          '## What it cost',
          markdownTable(
            ['part', 'CPU', 'per message', 'memory', ...(memory.size === 0 ? [] : ['memory while it ran'])],
            parts.map(({ name, cpuMs, rssMiB }) => [
              name,
              duration(cpuMs),
              `${figure(cpuPerMessageUs(load, cpuMs) ?? 0)} µs`,
              `${rssMiB.toFixed(0)} MiB`,
              ...(memory.size === 0 ? [] : [memory.get(name) ?? '']),
            ]),
          ),
        ]),
    '## Limits',
    caveats(loadLimits(load)),
    '## Replay',
    `\`\`\`sh\n${printable(command)}\n\`\`\``,
  ]
    .join('\n\n')
    .concat('\n')
}
