import { ENGLISH_PANEL, type PanelWords } from '../canvas/panel-words.ts'

/** Every word of the live page, in each of its languages. Pure. */

export const LANGUAGES = ['en', 'zh'] as const
export type Language = (typeof LANGUAGES)[number]

type Values = Record<string, string | number>

export interface Words {
  panel: PanelWords
  /** Texts that stand in the page, by their `data-word`. */
  fixed: Record<FixedWord, string>
  states: Record<string, string>
  verbs: Record<string, string>
  faults: Record<string, string>
  scale(times: number): string
  crowd(perSecond: string, percent: string): string
  crowdNone: string
  refused(count: number): string
  waits(figures: string): string
  noWaits: string
  unlimited: string
  dead(count: number): string
  prefetchOf(worker: string): string
  slotsOf(worker: string): string
  actOn(verb: string, part: string): string
  faultOf(gpu: string): string
  /** A line of the lab book. */
  book(code: string, values: Values): string
  picture(ready: string, held: number, waiting: number): string
}

export type FixedWord = keyof typeof ENGLISH_FIXED

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
  legendFresh: 'began within 30 s',
  legendLate: 'later',
  legendGone: 'after 5 min and more',
  legendStranded: 'idle though people wait',
  legendHeld: 'a task that a worker holds; fuller: waits longer',
} as const

const ENGLISH: Words = {
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
  faults: { none: 'healthy', fails: 'fails each request', silent: 'never answers', slow: '3 tokens a second', down: 'server down' },
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
    case 'crowd-left':
      return 'No page was open for 15 minutes: the crowd left.'
    case 'failed':
      return `Did not work (${v['act']}): ${v['code']}: ${v['detail']}`
    default:
      return code
  }
}

const CHINESE: Words = {
  panel: {
    ready: '条消息就绪',
    asDashboards: '监控面板显示的数',
    held: '条被工作进程扣住',
    wait: people => `${people} 人在等`,
    nobody: '无人久等',
    over: wait => `超过 ${wait}`,
    waited: name => `${name} 等了这么久`,
    waits: name => `${name} 一直在等`,
    overtaken: by => `${by} 个后来的先得到回答`,
    lane: (holds, answered) => `扣住 ${holds},已回答 ${answered}`,
    people: waiting => `等待人数:${waiting}`,
    line: ready => `线:就绪 (${ready})`,
    top: peak => `最高:${peak}`,
  },
  fixed: {
    kicker: 'Prefetch Lab · 实时页面',
    heading: '谁在等,等在哪里?',
    crowd: '提问频率',
    crowdAbout: '一群人随机地向机器人提问,频率为:',
    workers: '工作进程',
    prefetch: '预取',
    slots: '并发',
    parts: '部件',
    part: '部件',
    state: '状态',
    acts: '操作',
    book: '发生了什么?',
    legendFresh: '30 秒内开始',
    legendLate: '更晚',
    legendGone: '5 分钟以后',
    legendStranded: '有人在等,显卡却空闲',
    legendHeld: '工作进程扣住的任务;越满等得越久',
  },
  states: {
    connecting: '正在连接……',
    open: '实时',
    down: '实验室已关闭。本页在等它:npm run lab:up',
    refused: '令牌不对。请打开 npm run lab:status 打印的地址。',
    ready: '就绪',
    starting: '启动中',
    'not-ready': '未就绪',
    paused: '已暂停',
    stopped: '已停止',
    exited: '已退出',
  },
  verbs: { start: '启动', stop: '停止', kill: '杀死', pause: '暂停', resume: '恢复', restart: '重启' },
  faults: { none: '健康', fails: '每个请求都失败', silent: '从不回答', slow: '每秒 3 个词元', down: '服务器关闭' },
  scale: times => (times === 1 ? '真实时间' : `这里 1 秒 = 显卡时间 ${times} 秒`),
  crowd: (perSecond, percent) => `每秒 ${perSecond} 个,为这些显卡能力的 ${percent}`,
  crowdNone: '无人提问',
  refused: count => `${count} 个被拒绝`,
  waits: figures => `到开始回答为止的等待:${figures}`,
  noWaits: '到开始回答为止的等待:还没有问题',
  unlimited: '无限',
  dead: count => `${count} 条进入死信队列`,
  prefetchOf: worker => `${worker} 的预取`,
  slotsOf: worker => `${worker} 的并发`,
  actOn: (verb, part) => `${verb} ${part}`,
  faultOf: gpu => `${gpu} 的故障`,
  book: (code, v) => {
    switch (code) {
      case 'crowd':
        return v['perSecond'] === 0 ? '人群停止提问。' : `人群每秒提问 ${v['perSecond']} 次。`
      case 'orders':
        return `${v['worker']}:预取 ${v['workerPrefetchTasks'] === 0 ? '无限' : v['workerPrefetchTasks']},并发 ${v['workerSlots']}。`
      case 'part':
        return `${CHINESE.verbs[String(v['verb'])] ?? v['verb']} ${v['part']}。`
      case 'fault':
        return `${v['gpu']}:${CHINESE.faults[String(v['fault'])] ?? v['fault']}。`
      case 'crowd-left':
        return '15 分钟没有打开的页面:人群离开了。'
      case 'failed':
        return `没有成功(${v['act']}):${v['code']}:${v['detail']}`
      default:
        return code
    }
  },
  picture: (ready, held, waiting) => `${ready} 条就绪,${held} 条被扣住,${waiting} 人在等。`,
}

export const WORDS: Record<Language, Words> = { en: ENGLISH, zh: CHINESE }
