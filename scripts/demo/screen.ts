import { type Arm, type ArmState, armState, type Cell, laneCells, waitingAt } from './state.ts'
import { apart, clock, type Ink, pad, sparkline, spoken } from './text.ts'

/** A wait that nobody minds, and one that makes people leave. Milliseconds. */
const PATIENT_MS = 30_000
const GONE_MS = 5 * 60_000

export interface Scene {
  arms: readonly [Arm, Arm]
  /** Index of the task whose asker is followed. */
  hero: number
  hourMs: number
  /** "predicted" or "measured", and of what. */
  label: string
}

/** The whole screen at one instant, as lines of exactly `columns` characters. */
export function screen(scene: Scene, nowMs: number, columns: number, rows: number, ink: Ink): string[] {
  const gutter = ' │ '
  const width = Math.floor((columns - gutter.length) / 2)
  const peak = Math.max(...scene.arms.map(arm => Math.max(...waitingAt(arm, scene.hourMs, width, scene.hourMs))))
  const [left, right] = scene.arms.map(arm => panel(scene, arm, peak, nowMs, width, rows >= 30, ink))
  const body = (left ?? []).map((line, i) => `${line}${ink('dim', gutter)}${right?.[i] ?? ''}`)
  const head = [ink('bold', pad(`PREFETCH LAB  the same questions, the same two GPUs`, columns)), ink('dim', '─'.repeat(columns))]
  return [...head, ...body, ink('dim', '─'.repeat(columns)), footer(scene, nowMs, columns, ink)].map(line => pad(line, columns))
}

function footer(scene: Scene, nowMs: number, columns: number, ink: Ink): string {
  const label = `${scene.label}  `
  const time = ` ${clock(nowMs)} of ${clock(scene.hourMs)}`
  const barWidth = Math.max(4, columns - label.length - time.length)
  const full = Math.round((barWidth * Math.min(nowMs, scene.hourMs)) / scene.hourMs)
  return `${ink('dim', label)}${'━'.repeat(full)}${ink('dim', '─'.repeat(barWidth - full))}${time}`
}

function panel(scene: Scene, arm: Arm, peak: number, nowMs: number, width: number, roomy: boolean, ink: Ink): string[] {
  const state = armState(arm, scene.hero, nowMs)
  const gap = roomy ? [''] : []
  const spark = (which: 'waiting' | 'ready') => sparkline(waitingAt(arm, scene.hourMs, width, nowMs, which), peak)
  return [
    ink(['bold', 'inverse'], pad(` ${arm.title}`, width)),
    '',
    apart('messages ready (dashboard)', ink('bold', String(state.ready)), width),
    apart('people waiting', ink(state.waiting > 10 ? ['bold', 'red'] : 'bold', String(state.waiting)), width),
    ...gap,
    ...state.gpus.flatMap((gpu, g) => [
      ...gap,
      apart(gpu.name, `${gpu.answering === undefined ? 'idle' : `answers ${gpu.answering}`}, holds ${gpu.holds}`, width),
      lane(laneCells(arm, g, scene.hourMs, width, nowMs), ink),
    ]),
    ...gap,
    '',
    ink('dim', pad('people waiting', width)),
    ink(state.waiting > 10 ? 'red' : 'green', spark('waiting')),
    ink('dim', pad('messages ready', width)),
    ink('cyan', spark('ready')),
    '',
    ...heroLines(state, width, ink),
  ].map(line => pad(line, width))
}

function heroLines({ hero }: ArmState, width: number, ink: Ink): string[] {
  if (hero.askedAtMs === undefined) return [ink('dim', pad(`${hero.name} has not asked yet`, width)), '', '']
  const style = hero.waitedMs < PATIENT_MS ? 'green' : hero.waitedMs < GONE_MS ? 'yellow' : 'red'
  const told = hero.begun ? `answered after ${spoken(hero.waitedMs)}` : `has been waiting ${clock(hero.waitedMs)}`
  return [
    `${hero.name} asked at ${clock(hero.askedAtMs)}`,
    ink(['bold', style], pad(`she ${hero.begun ? 'was ' : ''}${told}`, width)),
    hero.overtakenBy === 0 ? '' : pad(`${hero.overtakenBy} newer questions went first`, width),
  ]
}

/** Busy cells by the wait of those who are answered; idle-while-somebody-waits stands out by its own sign, not by colour alone. */
function lane(cells: readonly Cell[], ink: Ink): string {
  return cells
    .map(cell => {
      if (cell.kind === 'future') return ink('dim', '·')
      if (cell.kind === 'idle') return ' '
      if (cell.kind === 'stranded') return ink('magenta', '░')
      return ink(
        cell.waitMs < PATIENT_MS ? 'green' : cell.waitMs < GONE_MS ? 'yellow' : 'red',
        cell.waitMs < PATIENT_MS ? '▆' : cell.waitMs < GONE_MS ? '▇' : '█',
      )
    })
    .join('')
}
