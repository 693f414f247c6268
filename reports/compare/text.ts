import { tableText } from '../../services/terminal/table.ts'
import { paragraph } from '../../services/terminal/text.ts'
import { type Ink, plainInk } from '../ink.ts'
import { plain } from '../markdown.ts'
import { type CompareDocument, NO_FIGURE, notesOf, nothingDiffers, sideText } from './document.ts'

/** A comparison for a terminal: the verdict first. Pure. */

const STYLES = { improved: 'green', regressed: 'red', mixed: 'yellow', 'too noisy': 'yellow', 'no detectable change': 'bold' } as const

export function compareText(document: CompareDocument, { ink = plainInk, width = 80 }: { ink?: Ink; width?: number } = {}): string {
  const { verdict, word, sentence, sides, differs, comparisons, method } = document
  const indented = (text: string, indent = '  ') => paragraph(text, width, indent)
  return [
    ink('bold', ink(STYLES[verdict], word)),
    ...indented(sentence),
    ...sides.flatMap(side => indented(`${side.letter} ${sideText(side)}`)),
    ...indented(differs.length === 0 ? `differs: ${nothingDiffers(sides)}` : 'what differs'),
    ...differs.flatMap(({ name, values }) => indented(`${name}: ${values.join(' → ')}`, '    ')),
    ...comparisons.flatMap(({ arm, rows, ...comparison }) => {
      const table = rows.map(({ label, verdict: of, words, detail, runsMore }, i) => {
        const { fromTo, effect, interval } = words
        // A reason shared by all is printed once.
        const why = of === 'too noisy' ? rows[i - 1]?.detail !== detail : runsMore !== null
        const told = detail === '' ? `${effect} (${interval})` : why ? `${effect}; ${detail}` : effect
        return [label, fromTo, ink(STYLES[of], words.verdict), told]
      })
      const lines = tableText(table, { columns: width - 2 }).split('\n')
      return [
        '',
        ink('bold', arm),
        ...notesOf(comparison, differs).flatMap(note => indented(note)),
        ...(rows.length === 0 ? indented(NO_FIGURE) : lines.map(line => `  ${line}`.trimEnd())),
      ]
    }),
    '',
    ...paragraph(method.text[0]!, width),
  ].join('\n')
}

/** For a pull request: the same lines, as they stand. */
export function compareMarkdown(document: CompareDocument): string {
  const { word, subject, command } = document
  const block = (text: string) => `\n\`\`\`\n${text}\n\`\`\`\n`
  return [`# ${word}: ${plain(subject)}`, block(compareText(document, { width: 100 })), '## Again', block(command)].join('\n')
}
