import { join } from 'node:path'
import { GpuFailure } from '#contracts/http'
import { MUTATIONS } from '../../../scenarios/evidence/mutants/mutants.ts'
import { wrap } from '../../../services/terminal/text.ts'
import type { CheckEntry, Entry, Source } from './source.ts'

/** `scenarios/REFERENCE.md`: what a scenario may call, and the checks. A test compares them. */

export const REFERENCE = join(import.meta.dirname, '../../../scenarios/REFERENCE.md')

const COLUMNS = 118
/** Title, what it is, and where it stands: file and exports. */
const SECTIONS: readonly (readonly [title: string, about: string, ...of: string[]])[] = [
  [
    'scenario(name, spec)',
    'The default export of a file `NAME.scenario.ts`. Import it from `#experiment`.',
    'scenarios/experiment/definition.ts ScenarioSpec',
  ],
  ['An arm', 'One configuration of the script.', 'scenarios/experiment/definition.ts Arm'],
  ['A control', 'An arm that must break. It has all of an arm, and:', 'scenarios/experiment/definition.ts Control'],
  [
    'The plan',
    'The parts of the lab. Default: two IM nodes, and a worker beside each of two unequal GPUs.',
    'scenarios/lab/plan.ts LabPlan GpuPlan',
  ],
  [
    'lab',
    'The first argument of `run`. Everything done through it is recorded in the history of the arm.',
    'scenarios/experiment/arm-lab.ts ArmLab',
  ],
  [
    'lab.workers, lab.nodes, lab.gpus, lab.broker',
    'Verbs on the parts of one kind. Example: `await lab.workers.kill("worker-fast")`.',
    'scenarios/experiment/part-group.ts PartGroup',
  ],
  ['Waiting', 'The options of `lab.until`: one of the three expectations, and a deadline.', 'scenarios/lab/until.ts Expected Within'],
  ['Askers', 'What `lab.users` returns.', 'scenarios/experiment/devices.ts Askers'],
  [
    'lab.push',
    'Users whose prompts a balancer pushes to the GPUs: what it takes and returns.',
    'scenarios/experiment/push.ts PushOptions PushAskers',
    'scenarios/experiment/balancer.ts BalancerOptions',
  ],
  ['Device', 'What `lab.device` returns.', 'scenarios/experiment/devices.ts Device Shown', 'services/client/types.ts SendOutcome'],
  ['lab.model', 'What the predictor knows of the arm.', 'scenarios/experiment/arm-model.ts ArmModel'],
  [
    'Faults of a simulated GPU',
    `The switches of \`lab.faults(gpus, faults)\`; all are optional. \`failure\` is one of ${GpuFailure.options.join(', ')}.`,
    'services/contracts/http.ts GpuFaults',
  ],
  ['Ready pieces', 'Import them from `#experiment`.', 'scenarios/experiment/pieces.ts EXACT_GPUS questions inferredTimes'],
  [
    'Bands',
    'Import it from `#evidence/bands`. `lab.expect` records what it returns, and the check `as-predicted` judges it.',
    'scenarios/evidence/bands.ts predictedBands BandsOptions',
  ],
]

/** What one wants to hold, and the files of `#checks` that judge it. Each file stands here once. */
export const PURPOSES: readonly (readonly [purpose: string, ...files: string[]])[] = [
  ['Messages reach their people once, in order, and nobody else', 'delivery', 'sequence', 'promptness'],
  ['Each prompt is answered, once', 'tasks', 'served', 'real-model'],
  ['Nobody waits too long', 'slo', 'fairness', 'neighbours', 'pause'],
  ['GPUs do what they can', 'slots-in-use', 'keeps-up'],
  ['A worker holds and runs no more than it may', 'workers'],
  ['Failures cost little', 'attempts', 'sick-server'],
  ['Answers of a conversation, and notices to its asker', 'conversation', 'asker-told'],
  ['RabbitMQ itself, without our services', 'routing', 'sentences'],
  ['A sum of money is paid once', 'envelope'],
  ["A worker of somebody's own loses nothing", 'own-worker'],
]

function purposeLines(checks: readonly CheckEntry[]): string[] {
  return PURPOSES.flatMap(([purpose, ...files]) => {
    const names = files.flatMap(file => checks.filter(check => check.file === file).map(check => `\`${check.name}\``))
    return bullet(`${purpose}: ${names.join(', ')}`)
  })
}

/** The whole page. Takes about two seconds: the compiler reads the project. */
export function referenceMarkdown(source: Source): string {
  const checks = source.checks()
  const anchor = (title: string) =>
    title
      .toLowerCase()
      .replace(/[^a-z -]/g, '')
      .replaceAll(' ', '-')
  const titles = [...SECTIONS.map(([title]) => title), 'Checks']
  const lines = [
    '# What a scenario may call',
    '',
    '<!-- Made by `npm run fix` from types and docstrings. Change those. -->',
    '',
    ...wrapped(`${titles.map(title => `[${title}](#${anchor(title)})`).join(' · ')}`),
    '',
    ...wrapped(
      'Names that end in `Ms` are milliseconds of real time. A name with `?` is optional. Errors are `LabError`s with the code named here; an error that the script does not catch ends the arm as unknown.',
    ),
    ...SECTIONS.flatMap(([title, about, ...of]) => ['', `## ${title}`, '', ...wrapped(about), '', ...of.flatMap(exportsOf(source))]),
    '',
    '## Checks',
    '',
    ...wrapped(
      'Import each from `#checks/FILE`. *Timed*: unknown instead of failed on a noisy machine. *Idle*: unknown instead of failed if the arm never became idle. *Proven by*: the broken histories (mutants) that it must see, and its tests.',
    ),
    '',
    ...purposeLines(checks),
    '',
    ...checks.flatMap(checkLines),
  ]
  return `${lines.join('\n')}\n`
}

/** The entries of a file's exports; the second and later types get a line with their name. */
const exportsOf = (source: Source) => (place: string, at: number) => {
  const [path = '', ...names] = place.split(' ')
  return names.flatMap((name, i) => [
    ...(at + i > 0 && /^[A-Z][a-z]/.test(name) ? ['', `\`${name}\`:`, ''] : []),
    ...source.entries(path, name).flatMap(entryLines),
  ])
}

const wrapped = (text: string, indent = '') => wrap(indent, text, COLUMNS, indent.length)

function entryLines({ signature, about, tags }: Entry): string[] {
  return [...bullet(`\`${signature}\``), ...(about === '' ? [] : wrapped(about, '  ')), ...tags.flatMap(tagLines)]
}

const bullet = (text: string) => wrap('- ', text, COLUMNS, 2)
const nested = (text: string) => wrap('  - ', text, COLUMNS, 4)

function tagLines({ name, text }: Entry['tags'][number]): string[] {
  const [first = '', ...rest] = text.split(' ')
  const said = name === 'param' ? `\`${first}\`: ${rest.join(' ')}` : `${name === 'throws' ? 'Throws' : 'Returns'} ${text}`
  return nested(said)
}

function checkLines({ name, signature, claim, about, tags, file, timed, needsRest, measure, tests }: CheckEntry): string[] {
  const mutants = MUTATIONS.filter(({ caughtBy }) => caughtBy === name).map(mutant => mutant.name)
  const facts = [timed && 'Timed.', needsRest && 'Idle.', measure !== undefined && `Limits \`${measure}\`.`].filter(fact => fact !== false)
  const seen = [...mutants, ...tests.map(test => `\`${test}\``)]
  return [
    ...bullet(`**${name}**: \`${signature.replace(/: Check$/, '')}\` of \`#checks/${file}\``),
    ...wrapped([claim, about.replace(/^Builds a check [^.]*\.( |$)/, ''), ...facts].filter(text => text !== '').join(' '), '  '),
    ...tags.flatMap(tagLines),
    ...nested(`Proven by: ${seen.join('; ')}`),
  ]
}
