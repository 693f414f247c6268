import { gpuProfile, isGpuProfile } from '#contracts/gpu-profiles'
import type { Unit } from '#evidence/measures'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { durationParts } from './predict/text.ts'

/** The words of every rendering: units, verdicts, counts. Pure. */

export function quantity(value: number, unit: Unit): string {
  const parts = quantityParts(value, unit)
  return `${parts.figure}${parts.unit}`
}

const UNITS = { percent: ' %', us: ' µs', kibibytes: ' KiB', perSecond: '/s', times: ' x', number: '' } as const

/** Figure and unit apart; of times the unit follows the value. */
export function quantityParts(value: number, unit: Unit): { figure: string; unit: string } {
  if (unit !== 'ms') return { figure: unit === 'percent' ? value.toFixed(1) : figure(value), unit: UNITS[unit] }
  const parts = durationParts(Math.abs(value))
  return { figure: `${value < 0 ? '-' : ''}${parts.figure}`, unit: parts.unit }
}

/** Three figures: 0.643, 12.4, 178, 12345. */
export function figure(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return value.toFixed(0)
  return String(Number(value.toPrecision(3)))
}

/** The card of a profile, be it a name or a file's text: `synthetic-fast, 4 slots`. */
export function cardName(profile: string): string {
  if (!isGpuProfile(profile)) return profile
  const { name, slots } = gpuProfile(profile)
  return slots === 1 ? name : `${name}, ${slots} slots`
}

/** `1 arm`, `2 arms`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** Control characters become pictures, lone surrogates U+FFFD; line ends and tabs stay. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\n\t])\p{Cc}/gu, c => (c < ' ' ? String.fromCodePoint(0x2400 + (c.codePointAt(0) ?? 0)) : c === '\x7f' ? '␡' : '\ufffd'))
    .replace(/[\ufffe\uffff]/g, '\ufffd') // No characters either, says XML.
}

/** The claim held, or the control broke. */
export function asPlanned(arm: Pick<ArmDocument, 'verdict'>): boolean {
  return arm.verdict === 'pass' || arm.verdict === 'broke'
}

const VERDICT_RANK = { fail: 0, unknown: 1, pass: 2, broke: 2 } as const

/** `claim`, `control`, or `changed` where a user set other values. */
export function roleOf({ role, changed }: Pick<ArmDocument, 'role' | 'changed'>): string {
  return changed === undefined ? role : 'changed'
}

/** What needs a look first: failures, then what nobody knows. Stable. */
export function worstFirst<T extends { verdict: keyof typeof VERDICT_RANK }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => VERDICT_RANK[a.verdict] - VERDICT_RANK[b.verdict])
}

/** With a capital and a full stop; nothing of nothing. */
export function sentence(text: string): string {
  const whole = `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
  return /[.!?]$|^$/.test(whole) ? whole : `${whole}.`
}

/** The outcome in one sentence. */
export function outcome({ arms, verdict }: Pick<RunDocument, 'arms' | 'verdict'>): string {
  const claims = arms.filter(arm => arm.role === 'claim' && arm.changed === undefined)
  const changed = arms.filter(arm => arm.changed !== undefined)
  const controls = arms.filter(arm => arm.role === 'control')
  const good = (list: typeof arms) => list.filter(asPlanned).length
  const held = `the claim held in ${good(claims)} of ${counted(claims.length, 'arm')}`
  const broke =
    controls.length === 0 ? 'there was no control' : `${good(controls)} of ${counted(controls.length, 'control')} broke, as each must`
  const own = changed.length === 0 ? '' : `; with other values it held in ${good(changed)} of ${changed.length}`
  const end = verdict === 'unknown' ? '; unknown is not a pass' : ''
  return sentence(`${held}${own}; ${broke}${end}`)
}

/** Upper bound (95 %) of the violation rate after runs without one. Percent. */
export function rateBoundPercent(runs: number): number {
  return 100 * (1 - 0.05 ** (1 / runs))
}
