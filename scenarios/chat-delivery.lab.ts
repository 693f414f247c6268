import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Lab, startLab } from '#lab'

/** The plain way of delivery, and a plain node beside a fast one. `chat-path.lab.ts` has the fast
 *  way alone. */
describe.each([
  ['every node plain', { 'im-a': { fanoutBatching: false }, 'im-b': { fanoutBatching: false } }],
  ['im-a plain, im-b fast', { 'im-a': { fanoutBatching: false } }],
] as const)('%s', (_, partSettings) => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ gpus: [], workers: [], settings: { userFramesPerSecond: 100_000 }, partSettings })
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  async function device(user: string, node: string) {
    const shown: string[] = []
    const client = await lab.client(user, { nodes: [node], on: { message: message => shown.push(`${message.seq} ${message.body}`) } })
    return { client, shown }
  }
  const garbage = (node: string) =>
    fetch(`${lab.url(node)}/metrics`)
      .then(answer => answer.text())
      .then(text => /^chat_fanout_garbage_total(?:\{.*\})? (\d+)/m.exec(text)?.[1])

  test('two senders at once: one sequence without holes, for every device of both, and nothing is garbage', async () => {
    const [ann, phone] = [await device('ann', 'im-a'), await device('ann', 'im-b')]
    const [bob, desk] = [await device('bob', 'im-b'), await device('bob', 'im-a')]
    const sends = Array.from({ length: 100 }, (_, i) => [ann.client.send('bob', `a${i} ü`), bob.client.send('ann', `b${i}`)]).flat()
    for (const outcome of await Promise.all(sends)) expect(outcome).toMatchObject({ state: 'stored' })
    const all = [ann, phone, bob, desk]
    await lab.until('all show all', () => all.map(({ shown }) => shown.length), { equals: [200, 200, 200, 200], withinMs: 60_000 })
    for (const { shown } of all) expect(shown).toEqual(ann.shown)
    expect(ann.shown.map(line => Number(line.split(' ')[0]))).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    expect([await garbage('im-a'), await garbage('im-b')]).toEqual(['0', '0'])
  })

  test('a long text crosses whole; the same id on either node has one place', async () => {
    const [zoe, eve] = [await device('zoe', 'im-a'), await device('eve', 'im-b')]
    const [long, clientMessageId] = ['x'.repeat(16_000), '01890a5d-ac96-774b-bcce-b302099a8057']
    const again = await device('zoe', 'im-b')
    const places = await Promise.all([zoe, again].map(({ client }) => client.send('eve', long, { clientMessageId })))
    for (const place of places) expect(place).toMatchObject({ state: 'stored', seq: 1 })
    expect(await eve.client.send('zoe', 'back')).toMatchObject({ state: 'stored', seq: 2 })
    const expected = [`1 ${long}`, '2 back']
    await lab.until('both show both', () => [zoe.shown, eve.shown], { equals: [expected, expected], withinMs: 60_000 })
  })
})
