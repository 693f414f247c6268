import type { ArmDocument, RunDocument } from '#checks/run-document'
import { duration } from '../../predict/text.ts'
import { inBand, keyRows, measureRows, rowText } from '../measures.ts'
import { splitsOf } from '../model/split.ts'
import { WITNESSES_SHOWN, witnessText } from '../witness.ts'
import { letterOf, rateBoundPercent } from '../words.ts'
import type { ArmView } from './arm-picture.ts'
import { chip } from './badges.ts'
import { folded, type Html, html, type Piece, table } from './html.ts'

/** The sections of a report below its picture. Pure. */

const armCell = (arm: ArmDocument, index: number) => html`<span class="letter">${letterOf(index)}</span> ${arm.name}`

/** What was measured beside what is ideal, what was predicted and what is allowed. */
export function figures({ arms }: RunDocument): Html {
  const rows = arms.flatMap((arm, index) =>
    keyRows(arm).map((row): Piece[] => {
      const { measured, ideal, predicted, limit } = rowText(row)
      const within = inBand(row)
      return [armCell(arm, index), row.label, measured, ideal, html`${predicted}${within === false && html` <b>outside</b>`}`, limit]
    }),
  )
  const columns = [
    { head: 'arm' },
    { head: 'measure' },
    { head: 'measured', figures: true },
    { head: 'ideal', figures: true },
    { head: 'predicted (band)', figures: true },
    { head: 'limit', figures: true },
  ]
  const all = arms.flatMap((arm, index) =>
    measureRows(arm).map((row): Piece[] => [armCell(arm, index), row.label, rowText(row).measured, rowText(row).ideal]),
  )
  return html`${rows.length > 0 && table('Measured beside ideal, predicted and limit', columns, rows)}
${all.length > 0 && folded('All figures', table('All figures of all arms', columns.slice(0, 4), all))}`
}

/** Every check of every arm, and what proves a failure. */
export function checks({ arms }: RunDocument): Html {
  return html`${arms.map((arm, index) => {
    const rows = arm.checks.map((check): Piece[] => [
      check.name,
      html`<span class="${check.verdict}">${check.verdict}</span>`,
      check.detail,
      check.claim,
    ])
    const witnesses = arm.checks.flatMap(check => (check.verdict === 'fail' ? check.witnesses.slice(0, WITNESSES_SHOWN) : []))
    return html`<section><h3>${armCell(arm, index)} ${chip(arm)}</h3><p>${arm.role === 'control' && html`<b>Must break ${arm.breaks}</b>, because ${arm.because}. `}${arm.detail}</p>
${witnesses.length > 0 && html`<pre>${witnesses.map(event => `${witnessText(event)}\n`)}</pre>`}
${folded('Its checks', table(`Checks of ${arm.name}`, [{ head: 'check' }, { head: 'verdict' }, { head: 'found' }, { head: 'what must hold' }], rows))}</section>`
  })}`
}

/** Broker, worker's buffer, model server: where the wait was spent. */
export function waitSplit({ arms }: RunDocument, views: readonly ArmView[]): Html | undefined {
  const rows = arms.flatMap((arm, index): Piece[][] => {
    const splits = splitsOf(views[index]?.asked ?? [])
    if (splits === undefined) return []
    const { all, slowest } = splits
    const say = (ms: number) => duration(Math.max(0, ms))
    return [
      [
        armCell(arm, index),
        say(all.broker),
        say(all.buffer),
        say(all.server),
        say(slowest.broker),
        say(slowest.buffer),
        say(slowest.server),
      ],
    ]
  })
  if (rows.length === 0) return undefined
  const columns = ['arm', 'broker', "worker's buffer", 'model server', 'slowest 5 %: broker', "worker's buffer", 'model server']
  return html`<p>A large prefetch moves the wait out of the broker, where a dashboard counts it, into the buffer of a worker, where none does. Means, since only they add up.</p>${table(
    'Where the wait went, from asking to the start of the answer',
    columns.map((head, i) => ({ head, figures: i > 0 })),
    rows,
  )}`
}

export function settings({ arms }: RunDocument): Html {
  const rows = arms.map((arm, index): Piece[] => [
    armCell(arm, index),
    listed(arm.set),
    Object.entries(arm.partSettings)
      .map(([part, own]) => `${part}: ${listed(own)}`)
      .join('; '),
    listed(arm.parameters),
    arm.gpus.map(({ name, profile }) => `${name} ${profile}`).join(', '),
    `${arm.taskQueueType}, prefetch ${[...new Set(arm.facts.workers.map(worker => worker.prefetchTasks))].join('/')}`,
  ])
  const columns = ['arm', 'settings that differ', 'of single parts', 'parameters', 'GPUs', 'queue'].map(head => ({ head }))
  return html`<p>Each part showed the settings in which its arm differs, and each fault was seen to work; else the arm would be unknown.</p>${table('Settings of the arms', columns, rows)}`
}

const listed = (values: Readonly<Record<string, unknown>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')

export function limits({ arms, machine }: RunDocument): Html {
  const scales = [...new Set(arms.map(arm => arm.timeScale))].join(', ')
  const noise = Math.max(...arms.map(arm => arm.foreignCpuPercent.worst))
  return html`<p>Single host, ${machine.cores} cores, generator, broker, database and services together: ratios between settings, not a capacity promise. GPUs are simulated; nothing here was measured on a card.
Time scale ${scales}: it divides the GPUs' times and nothing else, so that hand-overs weigh so many times more than in reality; such runs verify the model, they never choose a prefetch.
Others used at most ${noise.toFixed(0)} % of the machine in any second. No violation in one run bounds their rate at ${rateBoundPercent(1).toFixed(0)} %, in ten runs at ${rateBoundPercent(10).toFixed(0)} %, in a hundred at ${rateBoundPercent(100).toFixed(0)} % (95 % confidence).</p>`
}
