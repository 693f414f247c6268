import type { PeersDocument } from '#evidence/peers-document'
import { markdownTable, plain } from '../markdown.ts'
import { SYSTEM_HEADS, systemRows, TARGET_HEADS, targetRows } from './rows.ts'
import { peerCaveats, verdictWords } from './words.ts'

/** A comparison with peers as Markdown. Pure. */
export function peersMarkdown(run: PeersDocument): string {
  return `${[
    `# ${run.verdict.toUpperCase()} load peers`,
    verdictWords(run),
    '## Targets',
    markdownTable([...TARGET_HEADS], targetRows(run)),
    '## Systems',
    markdownTable([...SYSTEM_HEADS], systemRows(run)),
    '## Limits',
    peerCaveats(run)
      .map(({ what, why }) => `- **${plain(what)}** ${plain(why)}`)
      .join('\n'),
    '## Replay',
    `\`\`\`sh\n${run.command}\n\`\`\``,
  ].join('\n\n')}\n`
}
