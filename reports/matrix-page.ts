import { type MatrixDocument, surprises, VERBS } from '#evidence/store/matrix-document'
import { cellText, MATRIX_ABOUT, matrixRows } from './matrix.ts'
import { html, table } from './page/html.ts'
import { page, type Section } from './page/shell.ts'

/** The matrix of nack-requeue as a page: verb x queue type x broker. Pure. */
export function matrixHtml({ matrix, startedAt, commit, machine, node, labVersion }: MatrixDocument): string {
  const different = surprises(matrix)
  const verdict = different.length === 0 ? 'pass' : 'fail'
  const kills = matrix.flatMap(({ kills: each }) => each)
  const sections: Section[] = [
    {
      id: 'matrix',
      title: 'The matrix',
      inside: table(
        'Outcome by broker, queue and the way back',
        [{ head: 'broker' }, { head: 'queue' }, ...VERBS.map(head => ({ head }))],
        matrixRows(matrix).map(({ broker, queueType, cells }) => [
          broker,
          queueType,
          ...cells.map(cell => {
            const isAsDocumented = cell !== undefined && cell.outcome === cell.expected
            return html`<span class="${isAsDocumented ? 'none' : 'fail'}">${cellText(cell)}</span>${cell !== undefined && html`<span class="what">documented: ${cell.expected}</span>`}`
          }),
        ]),
      ),
    },
    {
      id: 'proof',
      title: 'Proof',
      inside: html`<p>${kills.length} workers were killed in the middle of an inference; ${kills.filter(kill => kill.gone).length} were seen gone. Redeliveries are inferences of the one task beyond the first, as the GPUs logged them.</p>`,
    },
    {
      id: 'replay',
      title: 'Replay',
      inside: html`<pre tabindex="0"><code>npm run scenario -- nack-requeue --matrix</code></pre>
<dl class="facts"><dt>Commit</dt><dd>${commit.id}${commit.dirty && ', with changes that are not committed'}</dd>
<dt>Versions</dt><dd>Prefetch Lab ${labVersion}, Node ${node.replace(/^v/, '')}</dd>
<dt>Machine</dt><dd>${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}</dd><dt>Started</dt><dd>${startedAt}</dd></dl>`,
    },
  ]
  const said = different.length === 0 ? `As documented in all ${matrix.length} cells.` : `Not as documented: ${different.join('; ')}.`
  return page({
    title: 'nack-requeue, matrix',
    about: 'a matrix and its evidence',
    heading: 'What happens to a task that no worker can do',
    run: { verdict, startedAt, claim: MATRIX_ABOUT },
    texts: [said],
    small: 'endless means redelivered 100 times, or back after every kill',
    sections,
  })
}
