import { KEDA_DEFAULTS } from '#evidence/autoscaler'
import type { HistoryEvent } from '#evidence/history'
import { matrixOfRun } from '#evidence/matrix'
import type { RunDocument } from '#evidence/run-document'
import { inShort } from './in-short.ts'
import { matrixSection } from './matrix.ts'
import type { ArmView } from './page/arm-picture.ts'
import { scalerSection } from './page/autoscaler.ts'
import { claimsSection } from './page/claims.ts'
import { controlsSection } from './page/controls.ts'
import { deliveriesPicture } from './page/deliveries-picture.ts'
import { type Html, html } from './page/html.ts'
import { limitsSection, replaySection } from './page/limits-section.ts'
import { historyOf, lanesPicture, viewOf } from './page/picture.ts'
import { routesPicture, takesTable } from './page/routes-picture.ts'
import { sentencesTable } from './page/sentences-table.ts'
import { settingsSection } from './page/settings.ts'
import { page, type Section } from './page/shell.ts'
import { troubleSection } from './page/trouble.ts'
import { waitSection } from './page/wait.ts'
import { waitCurves } from './page/wait-curves.ts'
import { waysOf, waysTable } from './ways.ts'
import { outcome } from './words.ts'

const BESIDE = html`<code>run.json</code> (verdicts and measures), <code>history.jsonl.gz</code> (every event)`

/** The whole page in one file: no script, no network. Pure.
 *  @param histories the events of each arm, by its name @param scaler as it would be set */
export function runHtml(run: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>, scaler = KEDA_DEFAULTS): string {
  const views = run.arms.map(arm => viewOf(historyOf(arm, histories)))
  const own = run.arms.map(arm => historyOf(arm, histories))
  const prompts = views.reduce((sum, view) => sum + view.asked.length, 0)
  const sent = (arm: number) => own[arm]!.events.filter(({ kind, atMs }) => kind === 'send' && atMs >= views[arm]!.window.fromMs)
  const sends = [...own.keys()].reduce((sum, arm) => sum + sent(arm).length, 0)
  // A prompt or two among many messages: the scenario is about delivery.
  const about = 2 * prompts >= sends ? 'inference' : 'delivery'
  const picture = pictureOf(run, histories, views, about)
  const matrix = matrixOfRun(run, histories)
  const sections: Section[] = [
    { id: 'trouble', title: 'Failed or unknown', inside: troubleSection(run) },
    ...(matrix === undefined ? [] : [{ id: 'matrix', title: 'The matrix', inside: matrixSection(matrix.matrix) }]),
    { id: 'picture', title: 'The picture', inside: picture },
    { id: 'claims', title: 'Claims', inside: claimsSection(run) },
    { id: 'wait', title: 'Where the wait went', inside: about === 'inference' && waitSection(run, views, waitCurves(run, views, own)) },
    {
      id: 'autoscaler',
      title: 'What an autoscaler sees',
      inside:
        about === 'inference' &&
        scalerSection(
          run.arms.map((arm, i) => ({ ...arm, history: own[i]! })),
          scaler,
        ),
    },
    { id: 'controls', title: 'Controls', inside: controlsSection(run, own) },
    { id: 'settings', title: 'Settings', inside: settingsSection(run) },
    { id: 'limits', title: 'Limits', inside: limitsSection(run) },
    { id: 'replay', title: 'Replay', inside: replaySection(run, BESIDE) },
  ]
  return page({
    title: run.scenario,
    about: 'a scenario and its evidence',
    heading: run.scenario,
    run,
    texts: [outcome(run), ...inShort(run)],
    small: `size ${run.size}, seed ${run.seed}`,
    sections,
  })
}

/** What a scenario is about decides its picture. */
function pictureOf(
  run: RunDocument,
  histories: ReadonlyMap<string, readonly HistoryEvent[]>,
  views: readonly ArmView[],
  about: 'inference' | 'delivery',
): Html {
  const kinds = new Set([...histories.values()].flat().map(({ kind }) => kind))
  if (kinds.has('tried')) return sentencesTable(run, histories)
  if (kinds.has('took')) return takesTable(run, histories)
  if (kinds.has('published')) return routesPicture(run, histories)
  if (about === 'delivery')
    return html`<p>Each row is a device, each mark a message to its user: how long after sending the device showed it.</p>${deliveriesPicture(run, histories)}`
  const heldBack = views.some(({ asked }) => asked.some(({ heldBackUntilMs }) => heldBackUntilMs !== undefined))
  const ways = waysOf(run)
  return html`${ways && waysTable(ways, run.arms[0]!.timeScale)}<p>Each lane is a GPU over time. Above it, on the same axis: how many people wait, and how many messages the broker calls ready.
Where the first is high and the second is nothing, tasks sit in the buffer of a worker, in front of a GPU that cannot keep up${heldBack && ', or in the outbox, held back until earlier questions of their user have ended'}.</p>${lanesPicture(run, views)}`
}
