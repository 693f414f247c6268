import type { StoryName } from '../../../scenarios/console/story-names.ts'
import { ENGLISH_PANEL } from '../../canvas/panel-words.ts'
import type { Values, Words } from './types.ts'

const ENGLISH_FIXED = {
  kicker: 'Prefetch Lab · live page',
  heading: 'Who waits, and where?',
  crowd: 'Arrivals',
  crowdAbout: 'A crowd asks the robot at random times, this often:',
  workers: 'Workers',
  prefetch: 'prefetch',
  slots: 'slots',
  parts: 'Parts',
  part: 'part',
  state: 'state',
  acts: 'acts',
  book: 'What happened?',
  save: 'save as run',
  stories: 'Guided stories',
  way: 'The way of a message',
  nodes: 'IM nodes',
  exchanges: 'exchanges',
  queue: 'queue: ready',
  gpus: 'GPUs',
  send: 'send',
  ask: 'ask the robot',
  cancel: 'cancel',
  offline: 'offline',
  setting: 'The scene is being set …',
  legendFresh: 'began within 30 s',
  legendLate: 'later',
  legendGone: 'after 5 min and more',
  legendStranded: 'idle though people wait',
  legendHeld: 'a task that a worker holds; fuller: waits longer',
}

export const ENGLISH: Words = {
  panel: ENGLISH_PANEL,
  fixed: ENGLISH_FIXED,
  states: {
    connecting: 'connecting …',
    open: 'live',
    down: 'The lab is down. This page waits for it: npm run lab:up',
    refused: 'Wrong token. Open the address that npm run lab:status prints.',
    ready: 'ready',
    starting: 'starting',
    'not-ready': 'not ready',
    paused: 'paused',
    stopped: 'stopped',
    exited: 'exited',
  },
  verbs: { start: 'start', stop: 'stop', kill: 'kill', pause: 'pause', resume: 'resume', restart: 'restart' },
  faults: {
    none: 'healthy',
    fails: 'fails each request',
    silent: 'never answers',
    slow: '3 tokens a second',
    down: 'server down',
    poison: 'fails on "poison"',
  },
  stories: {
    hoarding: {
      title: 'Hoarding',
      look: 'Prefetch 1: both GPUs work, and few people wait. Look at "messages ready" and at "held by workers".',
      click: 'Set prefetch 250',
      seen: 'Ready falls to 0, and the slow worker hoards tasks: the squares below its lane. People wait, and the dashboard shows an empty queue.',
    },
    offline: {
      title: 'Workers offline',
      look: 'No worker runs. Questions wait in the queue: "messages ready" grows, and Ann reads how many are ahead of her.',
      click: 'Start the workers',
      seen: 'The queue empties, oldest first. Nothing was lost, and Ann gets her answer.',
    },
    killed: {
      title: 'A killed worker',
      look: 'Prefetch 20, more questions than the GPUs can answer: the slow worker holds tasks. Look at its squares.',
      click: 'Kill the last worker',
      seen: 'What it held is back in the queue at once, and the other worker takes it. Each question gets one answer.',
    },
    poison: {
      title: 'Poison',
      look: 'Each GPU fails on prompts that contain "poison". Look at the chat, at the attempts and at the dead letters.',
      click: 'Let Ann ask the poison',
      seen: 'Both workers try it, then Ann reads an apology and the task is dead-lettered. All other questions are answered.',
    },
    sick: {
      title: 'A sick GPU',
      look: 'Both GPUs answer. Look at the lane of the fast one, and at who waits.',
      click: 'Let the fast GPU fail',
      seen: 'Its worker leaves service after a failure and asks for single tokens until it heals. The other GPU answers everything; nobody reads an apology.',
    },
    node: {
      title: 'A node dies',
      look: 'Ann is on the first node, Bob on the second, and they chat. Look at the name beside Ann.',
      click: 'Kill her node',
      seen: 'Ann moves to the other node and misses nothing: what Bob writes meanwhile arrives once, in order.',
    },
  },
  textOf: who => `Message of ${who}`,
  on: node => `on ${node}`,
  waiting: (ahead, workersOnline) => (ahead === null ? 'waiting …' : `waiting: ${ahead} ahead, ${workersOnline} workers online`),
  scale: times => (times === 1 ? 'real time' : `1 s here = ${times} s of GPU time`),
  crowd: (perSecond, percent) => `${perSecond} per second, ${percent} of what these GPUs can do`,
  crowdNone: 'nobody asks',
  refused: count => `${count} turned away`,
  waits: figures => `Wait until the answer begins: ${figures}`,
  noWaits: 'Wait until the answer begins: no question yet',
  unlimited: 'unlimited',
  dead: count => `${count} dead-lettered`,
  prefetchOf: worker => `Prefetch of ${worker}`,
  slotsOf: worker => `Slots of ${worker}`,
  actOn: (verb, part) => `${verb} ${part}`,
  faultOf: gpu => `Fault of ${gpu}`,
  book: (code, values) => englishBook(code, values),
  picture: (ready, held, waiting) => `${ready} messages ready, ${held} held by workers, ${waiting} people wait.`,
}

function englishBook(code: string, v: Values): string {
  switch (code) {
    case 'crowd':
      return v['perSecond'] === 0 ? 'The crowd stops asking.' : `The crowd asks ${v['perSecond']} times a second.`
    case 'orders':
      return `${v['worker']}: prefetch ${v['workerPrefetchTasks'] === 0 ? 'unlimited' : v['workerPrefetchTasks']}, slots ${v['workerSlots']}.`
    case 'part':
      return `${v['verb']} ${v['part']}.`
    case 'fault':
      return `${v['gpu']}: ${ENGLISH.faults[String(v['fault'])] ?? v['fault']}.`
    case 'say':
      return `${v['who']} writes to ${v['to'] === 'robot' ? 'the robot' : 'the other'}.`
    case 'cancel':
      return `${v['who']} cancels a question.`
    case 'story':
      return `Story: ${v['name'] === null ? 'left' : (ENGLISH.stories[v['name'] as StoryName]?.title ?? v['name'])}.`
    case 'save':
      return 'Saving the session …'
    case 'saved':
      return `Saved. Render it: npm run report -- reports/runs/${v['folder']}`
    case 'click':
      return 'The click of the story.'
    case 'crowd-left':
      return 'No page was open for 15 minutes: the crowd left.'
    case 'failed':
      return `Did not work (${v['act']}): ${v['code']}: ${v['detail']}`
    default:
      return code
  }
}
