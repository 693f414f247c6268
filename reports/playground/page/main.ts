import { ModelError } from '#predictor'
import { heroState } from '../../../scenarios/experiment/hour/state.ts'
import { coloursNow } from '../../canvas/colours.ts'
import { byId } from '../../canvas/dom.ts'
import { clock } from '../../demo/text.ts'
import { type ArmPicture, picturesOf } from '../../model/picture.ts'
import { duration } from '../../predict/text.ts'
import { addressOf, stateOf } from '../address.ts'
import { type Answer, answerOf } from '../answer.ts'
import { commandsOf } from '../commands.ts'
import { defaultState, type State } from '../state.ts'
import { Form } from './form.ts'
import { layoutOf, paint } from './painter.ts'
import { Player } from './player.ts'
import { showResults, wireExports } from './results.ts'

/** The playground in a browser. Without a document: its figures for an address, for tests. */

/** Of the whole story between two announcements: ten seconds at speed 1. */
const ANNOUNCED_SHARE = 1 / 6
const FIRST_SHARE = 0.5

function figuresOf(address: string) {
  const { state } = stateOf(address)
  return answerOf(state).sides.map(({ prediction: { figures }, latePercent }, side) => ({
    figures,
    latePercent,
    commands: commandsOf(state, side as 0 | 1),
  }))
}

function start(): void {
  const canvas = byId('picture', HTMLCanvasElement)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('expected a browser with a canvas')
  const status = byId('status', HTMLElement)
  const say = (words: string) => {
    status.textContent = words
  }
  let { state, refused } = stateOf(location.hash)
  let answer = answerOf(defaultState())
  let layout = layoutOf(answer, 640)
  let colours = coloursNow()
  let announced = 0

  const draw = (share: number) => {
    const { sides, endMs, peak } = answer
    const nowMs = share * endMs
    const pictures = picturesOf({ arms: [sides[0].arm, sides[1].arm], hourMs: endMs, nowMs, peak, patientMs: state.sloMs })
    paint(context, layout, pictures, state.sloMs, colours)
    byId('time', HTMLElement).textContent = `${clock(nowMs)} of ${clock(endMs)}`
    byId('scrub', HTMLInputElement).setAttribute('aria-valuetext', `${clock(nowMs)} of ${clock(endMs)}`)
    // Not every frame: a screen reader would never end.
    const step = Math.floor(share / ANNOUNCED_SHARE)
    if (player.isPlaying && step === announced) return
    announced = step
    const words = pictures.map(inWords).join(' ')
    canvas.setAttribute('aria-label', words)
    if (player.isPlaying) say(`${clock(nowMs)}. ${words}`)
  }
  const player = new Player(draw)

  const resize = () => {
    const width = Math.max(240, canvas.parentElement?.clientWidth ?? 640)
    layout = layoutOf(answer, width)
    const density = Math.max(1, devicePixelRatio)
    canvas.width = Math.round(width * density)
    canvas.height = Math.round(layout.height * density)
    canvas.style.height = `${layout.height}px`
    context.setTransform(density, 0, 0, density, 0, 0)
    colours = coloursNow()
    player.show(player.share)
  }
  const refuse = () => {
    byId('refused', HTMLElement).textContent =
      refused.length === 0 ? '' : `Not understood in the address, left as it was: ${refused.join(', ')}.`
  }
  const answered = () => {
    try {
      answer = answerOf(state)
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      byId('refused', HTMLElement).textContent = `This cannot be computed, the picture shows another question: ${error.message}.`
      return
    }
    refuse()
    showResults(state, answer)
    resize()
  }
  /** Several changes before the next frame are answered once. */
  let isDue = false
  const changed = () => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      answered()
      history.replaceState(null, '', addressOf(state) || '#')
      say(answer.sides.map(({ arm, prediction }) => `${arm.title}: p95 wait ${duration(prediction.figures.waitMs.p95)}.`).join(' '))
    })
  }
  const form = new Form(state, changed)
  addEventListener('hashchange', () => {
    ;({ state, refused } = stateOf(location.hash))
    form.show(state)
    answered()
    say(`Another question: ${answer.sides.map(({ arm }) => arm.title).join('; ')}.`)
  })
  new ResizeObserver(resize).observe(canvas.parentElement ?? canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', resize)
  wireExports(() => ({ state, answer }) satisfies { state: State; answer: Answer }, canvas, say)
  answered()
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) player.show(FIRST_SHARE)
  else player.play()
}

/** A panel for those who do not see it. */
function inWords({ arm, state, followed, nowMs }: ArmPicture): string {
  const hero = followed.at(-1)
  const she = hero === undefined ? undefined : heroState(arm, hero.task, nowMs)
  const told = she === undefined ? '' : ` ${hero?.name} ${she.begun ? 'waited' : 'has been waiting'} ${duration(she.waitedMs)}.`
  const held = state.gpus.map(({ name, holds }) => `${name} holds ${holds}`).join(', ')
  return `${arm.title}: ${state.ready} ready, ${state.waiting} waiting; ${held}.${told}`
}

Object.assign(globalThis, { playground: { figuresOf } })
if (typeof document !== 'undefined') start()
