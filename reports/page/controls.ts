import { eventsOf, type History } from '#evidence/history'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { findingText, verdictText } from '../finding-words.ts'
import { duration } from '../predict/text.ts'
import { actionText } from '../witness.ts'
import { counted } from '../words.ts'
import { armHeading, witnessList } from './badges.ts'
import { type Html, html, table } from './html.ts'

/** Controls: what had to break and why, what broke, and proof of each arm. Pure. */

export function controlsSection({ arms }: RunDocument, histories: readonly History[]): Html {
  const controls = arms.flatMap((arm, i) => (arm.role === 'control' ? [{ arm, i }] : []))
  return html`<p>A control is one mistake, of one setting or of several, that must make a named check fail. It shows that the check can fail, and that the mistake matters.</p>
${controls.length === 0 && html`<p>This scenario has none.</p>`}
<div class="beside cols-${Math.max(1, Math.min(2, controls.length))}">${controls.map(({ arm, i }) => controlCard(arm, i))}</div>
<h3>Each arm was what it says</h3>
${arms.map((arm, i) => proof(arm, i, histories[i]!))}`
}

function controlCard(arm: ArmDocument, index: number): Html {
  const named = arm.checks.find(({ name }) => name === arm.breaks)
  const witnesses = witnessList(named === undefined ? [] : [named])
  const also = arm.checks.filter(({ name, verdict }) => verdict === 'fail' && name !== arm.breaks)
  return html`<article class="control">${armHeading(arm, index)}<dl>
<dt>Must break</dt><dd><b>${arm.breaks}</b>: ${named?.claim ?? 'it did not judge this arm'}</dd>
<dt>Because</dt><dd>${arm.because ?? ''}</dd>
<dt>${arm.verdict === 'broke' ? 'It broke' : 'What was seen'}</dt><dd>${named === undefined ? verdictText(arm) : findingText(named)}</dd>
${also.length > 0 && html`<dt>And with it</dt><dd>${also.map(check => html`<p><b>${check.name}</b>: ${findingText(check)}</p>`)}</dd>`}
${witnesses && html`<dt>Witnesses</dt><dd>${witnesses}</dd>`}
</dl></article>`
}

/** Settings as the parts show them, and faults as they were seen to work. */
function proof(arm: ArmDocument, index: number, history: History): Html {
  const settings = Map.groupBy(eventsOf(history, 'setting'), event => `${event.setting} = ${event.seen}`)
  const faults = eventsOf(history, 'fault')
  const wrong = eventsOf(history, 'setting').filter(event => event.expected !== event.seen).length
  const unproven = faults.filter(fault => fault.proof === undefined).length
  const summary = html`<span class="letter">${letterOf(index)}</span> ${arm.name}: ${
    settings.size === 0
      ? 'no setting of its own'
      : `${counted(settings.size, 'setting')} read back${wrong > 0 ? `, ${wrong} NOT as expected` : ''}`
  }; ${faults.length === 0 ? 'no faults' : `${counted(faults.length, 'fault')}, ${unproven === 0 ? 'each seen to work' : `${unproven} NOT seen to work`}`}`
  if (settings.size + faults.length === 0) return html`<p class="proof">${summary}</p>`
  return html`<details class="proof"><summary>${summary}</summary>
${
  settings.size > 0 &&
  table(
    `${arm.name}: settings as the parts show them`,
    [{ head: 'setting' }, { head: 'shown by' }],
    [...settings].map(([setting, events]) => [setting, events.map(({ part }) => part).join(', ')]),
  )
}
${
  faults.length > 0 &&
  table(
    `${arm.name}: faults`,
    [{ head: 'at' }, { head: 'part' }, { head: 'what' }, { head: 'seen to work by' }],
    faults.map(({ atMs, part, action, switches, proof: by }) => [duration(atMs), part, actionText({ action, switches }), by ?? 'nothing']),
  )
}</details>`
}
