import { markdownTable, plain } from '../markdown.ts'
import type { CompareDocument } from './document.ts'
import { effectText, fromToText, intervalText, nothingDiffers, verdictSentence } from './words.ts'

/** A comparison as Markdown, for a pull request. Pure. */
export function compareMarkdown(document: CompareDocument, method: readonly string[]): string {
  const { sides, differs, comparisons, command } = document
  return [
    `# ${document.verdict.toUpperCase()}: ${plain(document.subject)}`,
    plain(verdictSentence(document)),
    sides
      .map(({ letter, label, runs }) => `- **${letter}** ${plain(label)}${runs.length > 1 ? `: ${runs.map(plain).join(', ')}` : ''}`)
      .join('\n'),
    '## What differs',
    differs.length === 0
      ? `Differs: ${plain(nothingDiffers(sides))}.`
      : markdownTable(
          ['', ...sides.map(({ letter }) => letter)],
          differs.map(({ name, values }) => [name, ...values]),
        ),
    ...comparisons.flatMap(({ arm, side, rows, checks }) => [
      `## ${plain(arm)}${sides.length > 2 ? `, ${sides[0]!.letter} → ${sides[side]!.letter}` : ''}`,
      markdownTable(
        ['measure', 'from → to', 'effect', '95 % interval', 'verdict'],
        rows.map(row => [
          row.label,
          fromToText(row),
          effectText(row),
          intervalText(row),
          [row.verdict, row.detail].filter(text => text !== '').join(': '),
        ]),
      ),
      ...(checks.length === 0 ? [] : [checks.map(({ name, from, to }) => `- check ${plain(name)}: ${from} → ${to}`).join('\n')]),
    ]),
    '## Method',
    method.map(line => `- ${plain(line)}`).join('\n'),
    '## Again',
    `\`\`\`sh\n${command}\n\`\`\``,
  ]
    .join('\n\n')
    .concat('\n')
}
