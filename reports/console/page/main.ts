import { byId } from '../../canvas/dom.ts'
import { Book } from './book.ts'
import { ChatView } from './chat.ts'
import { Controls } from './controls.ts'
import { Parts } from './parts.ts'
import { Picture } from './picture.ts'
import { Voice } from './say.ts'
import { Stories } from './stories.ts'
import { Line, type LineState } from './stream.ts'
import { Way } from './way.ts'
import { World } from './world.ts'

/** The live page in a browser: frames in, acts out. What it shows is the console's. */

/** Between two announcements of the counts. */
const ANNOUNCED_MS = 15_000

function start(): void {
  const world = new World()
  let state: LineState = 'connecting'
  let announcedAtMs = 0
  let isDue = false
  const voice = new Voice(() => redraw())
  const line = new Line(
    location.hash.slice(1),
    frame => {
      world.apply(frame)
      way.pass(frame.flow ?? {})
      redraw()
    },
    now => {
      if (now === state) return
      state = now
      redraw()
    },
  )
  const problem = byId('problem', HTMLElement)
  const act = (what: Record<string, unknown>) => {
    problem.textContent = ''
    void line.act(what).then(refused => {
      if (refused !== undefined) problem.textContent = `${refused.code} ${refused.detail}`
      redraw()
    })
  }
  byId('save', HTMLButtonElement).addEventListener('click', () => act({ act: 'save' }))
  const way = new Way()
  const views = [new Controls(act), new Parts(act), new Book(), way, new ChatView(act), new Stories(act, text => voice.announce(text))]
  const picture = new Picture(() => redraw())

  const draw = () => {
    isDue = false
    const { words } = voice
    const status = byId('line', HTMLElement)
    if (status.dataset['state'] !== state || status.textContent === '') status.textContent = words.states[state] ?? state
    status.dataset['state'] = state
    const { lab } = world.known
    byId('lab-name', HTMLElement).textContent = lab === undefined ? '' : `${lab.name} · ${lab.runtime} · ${words.scale(lab.timeScale)}`
    for (const view of views) view.show(world, words)
    const told = picture.draw(world, words)
    const nowMs = performance.now()
    if (told !== '' && state === 'open' && nowMs - announcedAtMs > ANNOUNCED_MS) {
      announcedAtMs = nowMs
      voice.announce(told)
    }
  }
  const redraw = () => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(draw)
  }
  void line.run()
}

start()
