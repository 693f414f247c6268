import type { RunDocument } from '#evidence/run-document'
import { type Caveat, limitsOf } from '../limits-of-run.ts'
import { ownBrokerText } from '../own-broker-words.ts'
import { type Html, html } from './html.ts'

/** What this run does not say. Pure. */
export const limitsSection = (run: RunDocument) => caveatList(limitsOf(run))

export function caveatList(caveats: readonly Caveat[]): Html {
  return html`<ul class="limits">${caveats.map(
    ({ what, why }) => html`<li><b>${what}</b> ${why}</li>
`,
  )}</ul>`
}

/** How to run it again, and on what it ran. @param files what lies beside the page */
export function replaySection(
  {
    command,
    versions,
    machine,
    commit,
    runtime,
    startedAt,
  }: Pick<RunDocument, 'command' | 'versions' | 'machine' | 'commit' | 'runtime' | 'startedAt'>,
  files: Html,
): Html {
  const { ownBroker } = versions
  return html`<pre tabindex="0"><code>${command}</code></pre>
<dl class="facts">
<dt>Commit</dt><dd>${commit.id}${commit.dirty && ', with changes that are not committed'}</dd>
<dt>Versions</dt><dd>Prefetch Lab ${versions.lab}, Node ${versions.node.replace(/^v/, '')}, ${versions.broker}, ${versions.database}</dd>
${
  ownBroker !== undefined &&
  html`<dt>Your own broker</dt><dd>${ownBrokerText(ownBroker)}</dd>
`
}<dt>Machine</dt><dd>${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}</dd>
<dt>Runtime</dt><dd>${runtime}</dd>
<dt>Started</dt><dd>${startedAt}</dd>
</dl>
<p class="small">Beside this file: ${files}, <code>report.md</code>, <code>junit.xml</code>.</p>`
}
