import { nobodyElse, reached, wildcards, workedOnce } from '#checks/routing'
import { keysOf, topicMatches } from '#evidence/topic-key'
import { type PlainChannel, scenario } from '#experiment'

/** RabbitMQ's five patterns, each in a few lines on a plain channel, with its usual mistake. */

type Script = (ch: PlainChannel, mistake: boolean) => Promise<void>

/** One sender, one queue, one receiver. The nameless exchange takes the key as a queue's name. */
const simpleQueue: Script = async (ch, mistake) => {
  await ch.assertQueue('letters')
  await ch.consume('letters', 'ann')
  ch.publish('', mistake ? 'leters' : 'letters', 'a letter', { every: ['ann'] })
}

/** Several receivers of one queue share its messages. */
const workQueue: Script = async (ch, mistake) => {
  await ch.assertExchange('work', 'direct')
  for (const worker of ['worker-1', 'worker-2']) {
    const queue = mistake ? `tasks.${worker}` : 'tasks'
    await ch.assertQueue(queue)
    await ch.bindQueue(queue, 'work', 'task')
    await ch.consume(queue, worker)
  }
  for (let i = 1; i <= 6; i += 1) ch.publish('work', 'task', `task ${i}`, { oneOf: ['worker-1', 'worker-2'] })
}

/** A fanout copies each message into every queue bound to it: each reader has their own. */
const publishSubscribe: Script = async (ch, mistake) => {
  await ch.assertExchange('news', 'fanout')
  for (const reader of ['ann', 'bob']) {
    const queue = mistake ? 'news' : `news.${reader}`
    await ch.assertQueue(queue)
    await ch.bindQueue(queue, 'news', '')
    await ch.consume(queue, reader)
  }
  for (let i = 1; i <= 4; i += 1) ch.publish('news', '', `headline ${i}`, { every: ['ann', 'bob'] })
}

/** A direct exchange goes by the exact key. */
const routing: Script = async (ch, mistake) => {
  await ch.assertExchange('logs', mistake ? 'fanout' : 'direct')
  const wanted = { pager: ['error'], archive: ['info', 'error'] }
  for (const [reader, levels] of Object.entries(wanted)) {
    await ch.assertQueue(reader)
    for (const level of levels) await ch.bindQueue(reader, 'logs', level)
    await ch.consume(reader, reader)
  }
  ch.publish('logs', 'error', 'disk is full', { every: ['pager', 'archive'] })
  ch.publish('logs', 'info', 'started', { every: ['archive'] })
}

/** A topic exchange goes by words of the key: `*` stands for one word, `#` for any number. */
const topic: Script = async (ch, mistake) => {
  await ch.assertExchange('orders', 'topic')
  const wanted = { europe: mistake ? 'order.*.eu' : 'order.#.eu', payments: 'order.paid.#' }
  for (const [reader, pattern] of Object.entries(wanted)) {
    await ch.assertQueue(reader)
    await ch.bindQueue(reader, 'orders', pattern)
    await ch.consume(reader, reader)
  }
  ch.publish('orders', 'order.paid.eu', 'paid in Europe', { every: ['europe', 'payments'] })
  ch.publish('orders', 'order.shipped.late.eu', 'late in Europe', { every: ['europe'] })
  ch.publish('orders', 'order.paid.us', 'paid in America', { every: ['payments'] })
}

/** Totals have the key `sales`, each shop `sales.SHOP`. `sales.#` would match both. */
const hashIsZeroToo: Script = async (ch, mistake) => {
  await ch.assertExchange('reports', 'topic')
  const wanted = { totals: 'sales', shops: mistake ? 'sales.#' : 'sales.*' }
  for (const [reader, pattern] of Object.entries(wanted)) {
    await ch.assertQueue(reader)
    await ch.bindQueue(reader, 'reports', pattern)
    await ch.consume(reader, reader)
  }
  ch.publish('reports', 'sales', 'the day in all', { every: ['totals'] })
  ch.publish('reports', 'sales.north', 'the shop in the north', { every: ['shops'] })
}

/** RabbitMQ 4.3 refuses a binding with more of them (406). Earlier ones take it. */
const HASHES_MAX = 2

/** Every key of up to four words against every pattern of up to three (of four in size `full`). */
const everyTopicKey = async (ch: PlainChannel, words: number): Promise<void> => {
  await ch.assertExchange('all', 'topic')
  const patterns = keysOf(['a', 'b', '*', '#'], words).filter(pattern => pattern.split('#').length - 1 <= HASHES_MAX)
  for (const [i, pattern] of patterns.entries()) {
    await ch.assertQueue(`q${i}`)
    await ch.bindQueue(`q${i}`, 'all', pattern)
    await ch.consume(`q${i}`, `q${i}`)
  }
  for (const key of keysOf(['a', 'b'], 4)) {
    const matched = patterns.flatMap((pattern, i) => (topicMatches(pattern, key) ? [`q${i}`] : []))
    ch.publish('all', key, `key "${key}"`, { every: matched })
  }
}

const SCRIPTS = {
  'simple queue': simpleQueue,
  'work queue': workQueue,
  'publish and subscribe': publishSubscribe,
  routing,
  topic,
  '# is zero words too': hashIsZeroToo,
}
type Pattern = keyof typeof SCRIPTS

const ADDRESSED = ['reached', 'nobody-else', 'worked-once']
const wrong = (pattern: Pattern) => ({ pattern, mistake: true })

export default scenario<{ pattern: Pattern | 'every topic key'; mistake: boolean; patternWords: number }>('five-patterns', {
  claim:
    'Simple queue, work queue, publish and subscribe, routing and topic each bring a message to those it is meant for and to nobody else; in a topic, * is exactly one word and # is zero or more, for every key of up to four words.',
  sizes: {
    quick: { pattern: 'simple queue', mistake: false, patternWords: 3 },
    full: { pattern: 'simple queue', mistake: false, patternWords: 4 },
  },
  plan: { imNodes: [], gpus: [], workers: [] },
  arms: [
    ...(Object.keys(SCRIPTS) as Pattern[]).map(pattern => ({ name: pattern, with: { pattern }, judgedBy: ADDRESSED })),
    { name: 'every topic key', with: { pattern: 'every topic key' }, judgedBy: ['wildcards'] },
  ],
  controls: [
    {
      name: 'simple queue, a typing error in the key',
      with: wrong('simple queue'),
      judgedBy: ADDRESSED,
      breaks: 'reached',
      because: 'no queue has that name, and the broker drops what it cannot route',
    },
    {
      name: 'work queue, a queue for each worker',
      with: wrong('work queue'),
      judgedBy: ADDRESSED,
      breaks: 'worked-once',
      because: 'each queue gets a copy, so each task is done twice',
    },
    {
      name: 'publish and subscribe, one queue for both',
      with: wrong('publish and subscribe'),
      judgedBy: ADDRESSED,
      breaks: 'reached',
      because: 'who share a queue share its messages: each reads half of the news',
    },
    {
      name: 'routing, by a fanout',
      with: wrong('routing'),
      judgedBy: ADDRESSED,
      breaks: 'nobody-else',
      because: 'a fanout looks at no key: the pager rings for everything',
    },
    {
      name: 'topic, * where # was meant',
      with: wrong('topic'),
      judgedBy: ADDRESSED,
      breaks: 'reached',
      because: '* stands for exactly one word, so a longer key passes by',
    },
    {
      name: 'topic, # taken for one or more words',
      with: wrong('# is zero words too'),
      judgedBy: ADDRESSED,
      breaks: 'nobody-else',
      because: '# stands for no word as well: sales.# gets the key sales',
    },
  ],
  async run(lab, { pattern, mistake, patternWords }) {
    const ch = await lab.plain.channel()
    await (pattern === 'every topic key' ? everyTopicKey(ch, patternWords) : SCRIPTS[pattern](ch, mistake))
    await ch.settled()
    lab.plain.over()
  },
  checks: [reached, nobodyElse, workedOnce, wildcards],
})
