import type { BreachCode, Finding, Reason, ReasonCode, Verdict } from '#evidence/finding'
import type { GeneratorCode } from '#evidence/load-document'
import { measureNamed } from '#evidence/measures'
import { FOREIGN_CPU_MAX_PERCENT } from '#evidence/noise'
import { OWN_WORKER_BREACHES } from './own-worker/words.ts'
import { duration } from './predict/text.ts'
import { counted, figure, quantity } from './words.ts'

/** Words of findings. `{name}` is a value, `{name:unit}` one with unit,
 *  `{name:#noun}` one that counts, `{found}` a check. Pure. */

type Shown = Readonly<Record<string, unknown>>

/** Of an older lab: its own sentence. */
type Older = 'said'

/** `did-not-break`, of a check that failed in doubt. */
type InDoubt = 'broke-uncounted'

const REASONS: Readonly<Record<ReasonCode | Older | InDoubt, string>> = {
  said: '{text}',
  noise: `too noisy to tell: other processes used {meanPercent:percent} of the machine (allowed ${FOREIGN_CPU_MAX_PERCENT} %), {worstPercent:percent} at worst`,
  'sent-late': 'too noisy to tell: p99 send delay was {sentLateP99Ms:ms} (limit {limitMs:ms})',
  'gap-changed': 'cannot tell: the gap between two inferences was {beforeMs:ms} before the run and {duringMs:ms} in it',
  'gap-unknown': 'the warm-up measured no gap between two inferences, so waits cannot be judged',
  'gap-long':
    'a gap of {gapMs:ms} between two inferences makes the load {loadPercent:percent} and explains a p95 wait up to {limitMs:ms}; lower --time-scale',
  'nothing-judged': 'nothing to judge',
  'too-few': 'too few to judge, {least} are needed',
  'places-unknown': 'the place in the queue is not known for {count} notices',
  'never-begun': '{count} of them never began',
  'not-awaited': 'the script did not wait until the arm became idle',
  'own-condition': 'the arm ended by its own condition ({lastSeen})',
  'no-rest': 'the arm never became idle (last seen: {lastSeen})',
  'cut-short': 'its script was cut short (last seen: {lastSeen})',
  error: 'the arm ended by an error: {lastSeen:line}',
  'not-judgeable': 'it could not be judged: {lastSeen:line}',
  'setting-differs': '{part} shows {setting} = {seen}, expected {expected}',
  'fault-unproven': '{part}: {action} was not seen to work',
  'checks-passed': '{checks:#check} passed',
  'check-failed': '{check}: {found}',
  'check-unknown': '{check}: {found}',
  'no-check': 'no check judged this arm',
  broke: '{check}: {found}',
  'not-judged': '{check} did not judge this arm',
  'did-not-break':
    '{check} must fail in this control, and did not ({verdict}): {found}. Does the mistake show with these settings, this load and these limits? Compare the arm with the claim: npm run report',
  'broke-uncounted': '{check} fails in this control, as it must, but that is not counted: {found}',
  'no-witness': '{check} failed without a witness',
  'broke-too': '{check} failed too, which this control does not expect: {found}',
  'load-held': 'every check and every limit held ({checks:#check}, {limits:#limit}, {delivered} delivered)',
  'limit-broken': '{name:words}: {measure} {value:measure}, {bound:words} {limit:measure}',
  'limit-unjudged': '{name:words}: nothing to judge',
  'generator-bound': 'the generator was the limit: {generator}',
  'nothing-measured': 'nothing was measured',
  'part-ended': '{parts} exited unexpectedly',
  interrupted: 'interrupted',
  'counts-differ': 'the seconds count {delivered} deliveries, the summary of k6 {summed}',
  'k6-crossed': 'k6 reports a crossed threshold',
  'answers-bad': '{each}',
  'route-silent': '{route}: no answer at all',
}

const BREACHES: Readonly<Record<BreachCode | Older, string>> = {
  said: '{text}',
  'over-limit': '{measure} {value:measure}, limit {atMost:measure}',
  'wait-over-ideal': '{measure} {value:measure}, limit {atMost:measure} ({factor} x the ideal {idealP95Ms:exact} + {slackMs:ms})',
  'overtaken-over-ideal': '{measure} {value} times, limit {atMost} ({excessMax} per hundred of {prompts} prompts)',
  'makespan-over-ideal': '{measure} {value:measure}, limit {atMost:measure} (the ideal {idealMs:exact} + {percent:percent})',
  'tail-over-alone':
    '{measure} {value:measure}, limit {atMost:measure} ({alone} alone, by the model: {aloneMs:ms} x {factor} + {slackMs:ms})',
  'outside-band': '{measure} {value:measure}, expected {low:measure} to {high:measure} (predicted {predicted:measure})',
  'unfair-share':
    '{worker} began {sharePercent:percent} of {starts} prompts while others waited; by its speed it should be {fairPercent:percent}',
  'slots-idle':
    'while prompts waited, the GPUs did {donePercent:percent} of what they can with every slot in use, expected {percent:percent}',
  'passed-by': '{worker} was free, and {elsewhere} of {free} prompts were answered elsewhere, expected {percent:percent} by it',
  'not-shown': '{device} of {user} never showed message {message} of {sender}',
  'shown-late': '{device} of {user} showed message {message} of {sender} after {tookMs:ms}, limit {limitMs:ms}',
  'shown-twice': '{device} showed {message} twice',
  'never-sent': '{device} showed {message} of {sender}, which was never sent',
  'wrong-addressee': '{user} saw {message}, which is between {from} and {to}',
  'out-of-order': '{device} showed seq {seq} after {after}',
  gap: '{device} showed seq {seq} right after {after}: a gap',
  'place-shared': 'two rows at seq {seq} of {conversation}',
  hole: '{conversation} has {rows:#row} below head {head}',
  'no-row-there': '{device} saw {message} of {sender} {as} at seq {seq}, where no row is',
  'other-row-there': '{device} saw {message} of {sender} {as} at seq {seq}, where the row is {rowMessage} of {rowSender}',
  'ended-twice': '{device} showed {ends} answers and apologies to task {task}',
  'no-task-row': 'prompt {message} was stored as task {task}, which has no row',
  'end-unseen': 'task {task} is {state}, and {devices} saw nothing',
  'end-seen-early': 'task {task} is {state}, yet an answer was shown',
  'other-end-seen': 'task {task} is {state}, yet {device} showed an {end}',
  'no-answer': '{user} asked {message} and saw no answer',
  'only-apology': '{user} asked {message} and saw an apology',
  'error-seen': '{user} asked {message} and saw an error: {error}',
  'answer-unseen': '{device} of {user} never showed the answer to {message}, another device did',
  'dead-without-row': 'task {task} is dead-lettered and has no row',
  'dead-yet-open': 'task {task} is {state}, yet dead-lettered',
  'failed-not-dead': 'task {task} failed and is not dead-lettered',
  'dead-often': 'task {task} lies {times} times in the dead-letter queue, expected 1',
  'attempts-differ': 'task {task} failed after {attempts:#attempt}, allowed {allowed}',
  'queued-nowhere': '{queued} tasks are queued by their rows, {ready} lie in the queue',
  'too-many-inferences': 'task {task} cost {inferences:#inference}, allowed {allowed}',
  'inferred-again': 'task {task} was inferred {inferences} times, {tookMs:ms} of GPU time in vain',
  'poison-seen': 'task {task} is a poison, and {device} saw {answers} answers and {apologies} apologies, expected 1 apology',
  'not-taken-over': 'task {task} of the killed {part}: no worker took it over',
  'taken-over-late': 'task {task} of the killed {part}: {worker} began it after {tookMs:ms}',
  'slots-exceeded': '{worker} ran {running} inferences at {atMs:ms}, allowed {allowed}',
  'prefetch-exceeded': '{worker} held {held:#task}, prefetch {prefetchTasks}',
  'began-early': 'task {task}, asked later, began {beforeMs:ms} before task {older}',
  'still-ready': '{queue} still has {ready} ready',
  'still-open': 'task {task} is still {state}',
  'not-told': '{user} asked {message} and got no notice that no worker is online',
  'told-wrongly': '{device} got the notice that {ahead} are ahead of {message}, expected {least} to {most}',
  'answers-swapped': '{device} showed the answer to question {question} after the one to question {after}',
  'nobody-served': 'while {task} waited for {before}, no other conversation was served',
  'neighbour-inferences': '{message} of {user} cost {inferences:#inference}, expected 1',
  'neighbours-waited': 'p95 wait {afterMs:ms} after the poison, limit {limitMs:ms} ({beforeMs:ms} before it)',
  'text-taken-back': '{device} saw text of task {task} that its answer does not begin with',
  'not-streamed': '{device} saw nothing of task {task} before its end, although it streamed for {tookMs:ms}',
  'text-differs': '{device} read {characters} characters for task {task}, the model answered {answered} without its reasoning',
  'tokens-differ': 'task {task} was answered with {answerTokens} tokens, cap {cap}',
  'cap-unknown': 'task {task} was asked without options.num_predict: the server knows of no cap',
  'cap-differs': 'task {task} was asked with a cap of {capTokens} tokens, expected {cap}',
  'other-outcome': '{outcome} after {redeliveries} redeliveries, documented: {documented}',
  'kill-unproven': "no proof that a worker's process was gone",
  'sick-tried': '{tasks} of {begun} prompts were tried on {gpu} while it was sick, limit {limitPercent:percent}',
  'charged-often': 'task {task} was charged {attempts:#attempt}, allowed {allowed}',
  'not-received': '{message} (key "{key}") never reached {consumer}',
  'received-by-others': '{message} reached {consumer} by {queue}, it was meant for {meantFor}',
  'received-often': '{message} was received {times} times, by {consumers}',
  'matched-otherwise': 'key "{key}" and binding "{pattern}" do not match as the rule says',
  'served-never': '{inTimePercent:percent} within {limitMs:ms}, expected {percent:percent}; {message} of {user} never was',
  'served-late': '{inTimePercent:percent} within {limitMs:ms}, expected {percent:percent}; {user} waited {tookMs:ms} for {message}',
  'sentence-holds': 'the sentence {sentence} holds here',
  'sentence-fails': 'the sentence {sentence} does not hold here',
  overspent: '{envelope}: {takers} took {takenCents} cents of {amountCents}; two of them had read the same balance of {sawCents}',
  'balance-differs': '{envelope}: the database holds {leftCents} cents, {expectedCents} should be left',
  'share-lost': '{envelope}: {shares} people got a share, {takes} were meant to',
  'not-back': '{gpu} answered nothing after it had healed',
  ...OWN_WORKER_BREACHES,
}

/** What was seen of a generator. */
const GENERATORS: Readonly<Record<GeneratorCode, string>> = {
  late: 'p99 send delay was {lateP99Ms:ms} (limit {lateMaxMs:ms})',
  busy: 'its busiest thread was {cpuPercent:percent} busy (limit {cpuMaxPercent:percent})',
  'kept-up': 'its busiest thread was {cpuPercent:percent} busy, p99 send delay was {lateP99Ms:ms}',
  'late-beside-latency': 'p99 send delay was {lateP99Ms:ms}, p99 latency {latencyP99Ms:ms}',
  'only-late-known': 'another engine drove it; how busy it was is not known',
}

/** @param values of `generatorValues`; an older lab wrote a sentence */
export function generatorText(values: Shown): string {
  const because = String(values['because'])
  return because in GENERATORS ? worded(GENERATORS, { code: because, values }) : because
}

type Checks = readonly Pick<Finding, 'name' | 'verdict' | 'why' | 'breaches' | 'found' | 'judged'>[]

/** Of a code that a newer lab wrote: the code itself, with its values. */
function worded(templates: Readonly<Record<string, string>>, { code, values }: { code: string; values: Shown }, found = ''): string {
  const named = Object.keys(values).map(name => `${name} {${name}}`)
  return filled(templates[code] ?? [code, ...named].join(', '), found === '' ? values : { ...values, found })
}

/** A template with its values in place. */
export function filled(template: string, values: Shown): string {
  const measure = measureNamed(String(values['measure']), values['worker']?.toString())
  return template.replace(/\{(\w+)(?::(#?\w+))?\}/g, (_, name: string, unit?: string) => {
    const value = values[name] ?? ''
    if (name === 'generator') return generatorText(values)
    if (name === 'each') return eachText(values)
    if (name === 'measure' && measure !== undefined) return measure.label
    if (typeof value !== 'number') return TEXTS[unit ?? '']?.(String(value)) ?? String(value)
    if (unit?.startsWith('#')) return counted(value, unit.slice(1))
    if (unit === 'ms') return duration(value)
    if (unit === 'exact') return exact(value)
    if (unit === 'percent') return `${figure(value)} %`
    if (unit !== 'measure' || measure === undefined) return figure(value)
    const say = (of: unknown) => (typeof of === 'number' ? quantity(of, measure.unit) : of)
    const { value: seen, atMost } = values
    // A limit that was missed by a hair: `5.1 s, limit 5.1 s` explains nothing.
    if (measure.unit === 'ms' && seen !== atMost && say(seen) === say(atMost)) return `${Number(value.toPrecision(6))} ms`
    return quantity(value, measure.unit)
  })
}

/** Where the reader is to add up: `37.83 ms`, `1.234 s`. */
const exact = (ms: number) => (ms < 1_000 ? `${Number(ms.toPrecision(4))} ms` : `${Number((ms / 1_000).toPrecision(4))} s`)

/** `seen-in-time` -> `seen in time` */
export const codeWords = (code: string) => code.replaceAll('-', ' ')

/** How a text is shown. */
const TEXTS: Readonly<Record<string, (text: string) => string>> = {
  line: text => text.split('\n')[0] ?? '',
  words: codeWords,
  id: text => (text.length > 13 ? `${text.slice(0, 8)}…` : text),
}

/** `3 x login: status 503`; an older lab wrote a sentence. */
function eachText(values: Shown): string {
  return Object.entries(values)
    .map(([what, count]) => (typeof count === 'string' ? count : `${count} x ${what}`))
    .join('; ')
}

/** Why times say nothing, or an arm ended as it did. */
export function reasonText(reason: Reason, checks: Checks = []): string {
  const named = checks.find(({ name }) => name === reason.values['check'])
  const before = reason.beside === undefined ? '' : worded(REASONS, reason.beside)
  // An interrupt ends what went on; any other reason stands beside what may have caused it.
  if (reason.code === 'interrupted' && before !== '') return `interrupted; until then: ${before}`
  const beside = before === '' ? '' : `${before}, and `
  // Over its limit, and in doubt: neither broken nor kept.
  const doubted = reason.code === 'did-not-break' && named?.verdict === 'unknown' && named.breaches.length > 0
  const said = doubted ? { code: 'broke-uncounted' satisfies InDoubt, values: reason.values } : reason
  return `${beside}${worded(REASONS, said, named && findingText(named))}`
}

/** One thing that must not be. */
export function breachText(breach: Pick<Reason, 'code' | 'values'>): string {
  return worded(BREACHES, breach)
}

/** What a check found, with how many it judged. */
export function findingText({ why, breaches, found, judged }: Omit<Checks[number], 'name'>): string {
  const of = judged && codeWords(judged.of)
  if (judged?.count === 0 && breaches.length === 0) return `no ${of} to judge`
  const [first] = breaches
  const more = found > 1 ? ` (and ${found - 1} more ${found === 2 ? 'breach' : 'breaches'})` : ''
  const texts = [why && reasonText(why), first && `${breachText(first)}${more}`].filter(text => text !== undefined)
  const what = judged?.count === 1 ? of?.replace(/s\b/, '') : of
  return [texts.join(': '), judged && `${judged.count} ${what} judged`].filter(text => text !== undefined && text !== '').join('; ')
}

/** Why an arm, or a load test, has its verdict: one sentence. */
export function verdictText({ why, checks }: { why: Reason; checks: Checks }): string {
  return reasonText(why, checks)
}

/** The same with every check that failed, the one that decides first. */
export function verdictTexts({ verdict, why, checks }: { verdict: Verdict | 'broke'; why: Reason; checks: Checks }): string[] {
  const first = reasonText(why, checks)
  if (verdict !== 'fail' && verdict !== 'broke') return [first]
  const others = checks.filter(check => check.verdict === 'fail' && check.name !== why.values['check'])
  return [first, ...others.map(check => `${check.name}: ${findingText(check)}`)]
}
