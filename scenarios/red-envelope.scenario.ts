import { balanceExact, everyShareTaken, neverOverspent } from '#checks/envelope'
import { draw } from '#contracts/gpu-timing'
import { type Plain, scenario } from '#experiment'

/** A hundred people take from one envelope at once: three right ways, and the usual first one. */

type Session = Awaited<ReturnType<Plain['session']>>
interface Left {
  cents: number
  takes: number
}
interface Take {
  sawCents: number
  shareCents: number
  retries: number
}
/** One person opens the envelope over the database session of a node. */
type Way = (session: Session, share: (left: Left) => number) => Promise<Take>

const NODES = ['im-a', 'im-b', 'im-c', 'im-d']
/** Database sessions of each node: people who take at the same moment. */
const SESSIONS_A_NODE = 5
const ENVELOPE = 'envelope-1'

const rows = (result: unknown) => (result as { rows: { cents: number; takes: number }[] }).rows
const READ = 'select cents, takes from envelopes where id = $1'
const WRITE = 'update envelopes set cents = cents - $2, takes = takes - 1 where id = $1'

async function readLeft(session: Session, how = ''): Promise<Left> {
  return rows(await session.query(READ + how, [ENVELOPE]))[0]!
}

/** Looks, computes, and writes the result: another one may have done the same in between. */
const readComputeWrite: Way = async (session, share) => {
  const left = await readLeft(session)
  const shareCents = share(left)
  if (shareCents > 0)
    await session.query('update envelopes set cents = $2, takes = $3 where id = $1', [ENVELOPE, left.cents - shareCents, left.takes - 1])
  return { sawCents: left.cents, shareCents, retries: 0 }
}

/** Writes only if nothing has changed since it looked; else it looks again. */
const compareAndSwap: Way = async (session, share) => {
  for (let retries = 0; ; retries += 1) {
    const left = await readLeft(session)
    const shareCents = share(left)
    if (shareCents === 0) return { sawCents: left.cents, shareCents, retries }
    const swapped = await session.query(`${WRITE} and cents = $3 and takes = $4 returning cents, takes`, [
      ENVELOPE,
      shareCents,
      left.cents,
      left.takes,
    ])
    if (rows(swapped).length === 1) return { sawCents: left.cents, shareCents, retries }
  }
}

/** Looks with the row locked: the next one waits until it has written. */
const rowLock: Way = async (session, share) => {
  await session.query('begin')
  const left = await readLeft(session, ' for update')
  const shareCents = share(left)
  if (shareCents > 0) await session.query(WRITE, [ENVELOPE, shareCents])
  await session.query('commit')
  return { sawCents: left.cents, shareCents, retries: 0 }
}

/** Everybody takes over the sessions of their own node. */
async function throughNodes(
  plain: Plain,
  takers: readonly string[],
  take: (session: Session, taker: string, node: string) => Promise<void>,
) {
  const open = NODES.flatMap(node => Array.from({ length: SESSIONS_A_NODE }, async () => ({ node, session: await plain.session() })))
  const waiting = [...takers]
  const work = async ({ node, session }: { node: string; session: Session }) => {
    for (let taker = waiting.shift(); taker !== undefined; taker = waiting.shift()) await take(session, taker, node)
  }
  await Promise.all((await Promise.all(open)).map(work))
}

/** Everybody asks by a message. One consumer with prefetch 1 serves them one after the other. */
async function throughQueue(
  plain: Plain,
  takers: readonly string[],
  take: (session: Session, taker: string, node: string) => Promise<void>,
) {
  const [ch, session] = [await plain.channel(), await plain.session()]
  await ch.assertQueue('takes')
  await ch.prefetch(1)
  await Promise.all(
    NODES.map(async (_, i) => {
      const node = await plain.channel()
      for (const taker of takers.filter((_, at) => at % NODES.length === i)) node.publish('', 'takes', taker, { every: ['cashier'] })
    }),
  )
  let served = 0
  await ch.consume('takes', 'cashier', async taker => {
    await take(session, taker, 'cashier')
    served += 1
  })
  await plain.until('everybody is served', () => served, { equals: takers.length, withinMs: 30_000 })
}

const WAYS = {
  'compare and swap': { way: compareAndSwap, through: throughNodes },
  'row lock': { way: rowLock, through: throughNodes },
  'queue of one': { way: readComputeWrite, through: throughQueue },
  'read, compute, write': { way: readComputeWrite, through: throughNodes },
}
type WayName = keyof typeof WAYS

export default scenario<{ way: WayName; takers: number; takes: number; amountCents: number }>('red-envelope', {
  claim:
    'A hundred people open one envelope of 60 shares through four nodes at once: with compare and swap, with a row lock, and with a queue of one consumer, 60 get a share, and together exactly what it held.',
  sizes: {
    quick: { way: 'compare and swap', takers: 100, takes: 60, amountCents: 10_000 },
    full: { way: 'compare and swap', takers: 1_000, takes: 600, amountCents: 100_000 },
  },
  plan: { imNodes: [], gpus: [], workers: [] },
  arms: (['compare and swap', 'row lock', 'queue of one'] as const).map(way => ({ name: way, with: { way } })),
  controls: [
    {
      name: 'read, compute, write',
      with: { way: 'read, compute, write' },
      breaks: 'never-overspent',
      mayBreak: ['balance-exact', 'every-share-taken'],
      because: 'two people read the same balance, and both take from it: the second one writes over what the first one wrote',
    },
  ],
  async run({ plain }, { way, takers, takes, amountCents }) {
    const cashier = await plain.session()
    await cashier.query('create table envelopes (id text primary key, cents int not null, takes int not null)')
    await cashier.query('insert into envelopes values ($1, $2, $3)', [ENVELOPE, amountCents, takes])
    plain.record({ kind: 'envelope', envelope: ENVELOPE, amountCents, takes })
    // At most twice the mean of what is left, the last one takes the rest.
    const shareOf = (taker: string) => (left: Left) => {
      if (left.takes <= 1) return left.takes === 1 ? left.cents : 0
      return Math.min(left.cents - (left.takes - 1), 1 + Math.floor(draw(1, taker, 'share') * ((2 * left.cents) / left.takes - 1)))
    }
    const { way: open, through } = WAYS[way]
    const people = Array.from({ length: takers }, (_, i) => `taker-${i}`)
    await through(plain, people, async (session, taker, node) => {
      const fromMs = plain.nowMs()
      const took = await open(session, shareOf(taker))
      plain.record({ kind: 'took', envelope: ENVELOPE, taker, node, ...took, tookMs: plain.nowMs() - fromMs })
    })
    const left = await readLeft(cashier)
    plain.record({ kind: 'balance', envelope: ENVELOPE, leftCents: left.cents, leftTakes: left.takes })
    plain.over()
  },
  checks: [neverOverspent, balanceExact, everyShareTaken],
})
