import { markdownTable, plain } from '../markdown.ts'
import { type CompareDocument, notesOf, nothingDiffers, sideText } from './document.ts'

/** A comparison as Markdown, for a pull request. Pure. */
export function compareMarkdown({ word, subject, sentence, sides, differs, comparisons, method, command }: CompareDocument): string {
  const list = (lines: readonly string[]) => lines.map(line => `- ${line}`).join('\n')
  const head = ['', ...sides.map(({ letter }) => letter)]
  const names = differs.map(({ name, values }) => [name, ...values])
  return [
    `# ${word}: ${plain(subject)}`,
    plain(sentence),
    list(sides.map(side => `**${side.letter}** ${plain(sideText(side))}`)),
    '## What differs',
    names.length === 0 ? plain(nothingDiffers(sides)) : markdownTable(head, names),
    ...comparisons.flatMap(each => [
      `## ${plain(each.arm)}`,
      markdownTable(
        ['measure', 'from → to', 'verdict', 'effect', '95 % interval'],
        each.rows.map(({ label, detail, words }) => [label, words.fromTo, `${words.verdict} ${detail}`, words.effect, words.interval]),
      ),
      list(notesOf(each, differs).map(plain)),
    ]),
    '## Method',
    list(method.text.map(plain)),
    `## Again\n\n\`\`\`sh\n${command}\n\`\`\`\n`,
  ]
    .filter(text => text !== '')
    .join('\n\n')
}
