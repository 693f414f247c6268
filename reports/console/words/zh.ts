import type { StoryName } from '../../../scenarios/console/story-names.ts'
import type { Words } from './types.ts'

export const CHINESE: Words = {
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
    save: '保存为运行记录',
    stories: '引导故事',
    way: '消息的路径',
    nodes: 'IM 节点',
    exchanges: '交换机',
    queue: '队列:就绪',
    gpus: '显卡',
    send: '发送',
    ask: '问机器人',
    cancel: '取消',
    offline: '离线',
    setting: '正在布置场景……',
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
  faults: {
    none: '健康',
    fails: '每个请求都失败',
    silent: '从不回答',
    slow: '每秒 3 个词元',
    down: '服务器关闭',
    poison: '遇到 poison 就失败',
  },
  stories: {
    hoarding: {
      title: '囤积',
      look: '预取为 1:两块显卡都在工作,等待的人很少。请看“就绪”和“被扣住”的数字。',
      click: '把预取设为 250',
      seen: '就绪降到 0,慢的工作进程囤积任务:它下面的方块。人们在等,而监控面板显示队列是空的。',
    },
    offline: {
      title: '工作进程离线',
      look: '没有工作进程。问题在队列里等待:“就绪”在增长,Ann 能看到前面还有几个。',
      click: '启动工作进程',
      seen: '队列按先后顺序清空。什么都没有丢,Ann 得到了回答。',
    },
    killed: {
      title: '被杀的工作进程',
      look: '预取为 20,问题多于显卡的能力:慢的工作进程扣住任务。请看它的方块。',
      click: '杀死最后一个工作进程',
      seen: '它扣住的任务立刻回到队列,由另一个取走。每个问题只有一个回答。',
    },
    poison: {
      title: '毒消息',
      look: '每块显卡遇到含有 poison 的提问都会失败。请看聊天和死信。',
      click: '让 Ann 提出毒问题',
      seen: '两个工作进程都试过,然后 Ann 读到道歉,任务进入死信队列。其他问题都得到回答。',
    },
    sick: {
      title: '生病的显卡',
      look: '两块显卡都在回答。请看快卡的泳道,以及谁在等。',
      click: '让快卡失败',
      seen: '它的工作进程失败后退出服务,并不断试探直到恢复。另一块显卡回答一切;没有人读到道歉。',
    },
    node: {
      title: '节点死亡',
      look: 'Ann 在第一个节点,Bob 在第二个,他们在聊天。请看 Ann 旁边的名字。',
      click: '杀死她的节点',
      seen: 'Ann 移到另一个节点,什么都没有错过:Bob 期间写的消息按顺序到达一次。',
    },
  },
  textOf: who => `${who} 的消息`,
  on: node => `在 ${node}`,
  waiting: (ahead, workersOnline) => (ahead === null ? '等待中……' : `等待中:前面 ${ahead} 个,在线工作进程 ${workersOnline} 个`),
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
      case 'say':
        return `${v['who']} 写给${v['to'] === 'robot' ? '机器人' : '对方'}。`
      case 'cancel':
        return `${v['who']} 取消了一个问题。`
      case 'story':
        return `故事:${v['name'] === null ? '离开' : (CHINESE.stories[v['name'] as StoryName]?.title ?? v['name'])}。`
      case 'save':
        return '正在保存……'
      case 'saved':
        return `已保存。渲染:npm run report -- reports/runs/${v['folder']}`
      case 'click':
        return '故事里的那一次点击。'
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
