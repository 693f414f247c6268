import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import { type Lab, plannedBroker, startLab, until } from '#lab'
import { pids, procText } from '../../scenarios/lab/runtime/proc.mjs'
import { ROOT, run } from '../lab/command.ts'
import { type TestHome, testHome } from '../lab/test-home.ts'
import { type SecondBroker, secondBroker } from './second-broker.ts'

/** A second RabbitMQ stands for the user's: the lab works there, and leaves it as it was. */

/** As the page about one's own broker has it. */
const OWN_NAMES = '^(prefetch-lab-.*|amq\\.gen.*|amq\\.default)$'
const WITHIN = { withinMs: 90_000 }
let home: TestHome
let second: SecondBroker
let before: Awaited<ReturnType<SecondBroker['listing']>>
beforeAll(async () => {
  home = await testHome('own-broker')
  second = await secondBroker(home.folder)
  await second.call('PUT', 'users/tenant', { password: second.own.password, tags: 'management' })
  await second.call('PUT', 'permissions/lab/tenant', { configure: OWN_NAMES, write: OWN_NAMES, read: OWN_NAMES })
})
afterAll(async () => {
  await second[Symbol.asyncDispose]()
  await home.remove()
})
beforeEach(async () => {
  before = await second.listing()
  second.asked.length = 0
})

const vhosts = async () => (await second.listing())['vhosts'] ?? []
const made = async () => (await vhosts()).filter(name => before['vhosts']?.includes(name) !== true)
const env = () => ({ PREFETCH_LAB_HOME: home.labs, BROKER_PASSWORD: second.own.password })

function scenario(name: string, { url = second.own.url, ca = second.own.ca, ...more }: { url?: string; ca?: string; yes?: true } = {}) {
  const words = ['--broker', url, '--management', second.own.management, '--ca', ca, ...(more.yes === true ? ['--yes'] : [])]
  return run([name, '--json', ...words], env(), [process.execPath, join(ROOT, 'scripts', 'scenario.ts')])
}

/** Each request that changes something is about a virtual host that the lab made itself. */
function expectOwnWritesAlone(): void {
  const writes = second.asked.filter(line => !line.startsWith('GET '))
  const putFirst = writes.flatMap(line => /^PUT \/api\/vhosts\/(prefetch-lab-[^/]+)$/.exec(line)?.[1] ?? [])
  const about = (line: string) => /^(?:PUT|DELETE) \/api\/(?:vhosts|permissions)\/([^/]+)/.exec(line)?.[1] ?? line
  expect(putFirst.length).toBeGreaterThan(0)
  expect(writes.map(about).filter(name => !putFirst.includes(name))).toEqual([])
}

const virtualHostOf = (lab: Lab) => decodeURIComponent(new URL(lab.serverUrls('lab').amqp).pathname.slice(1))

test('a lab has a virtual host for each space, and nothing is left', async () => {
  const { password } = second.own
  {
    await using lab = await startLab(plannedBroker({ own: second.own }), { spaces: 2, brokerPassword: password })
    expect(lab.parts.map(({ name }) => name)).not.toContain('rabbitmq')
    expect(await made()).toEqual([virtualHostOf(lab)])
    const first = virtualHostOf(lab)
    const asker = await lab.client('ann')
    expect(await asker.ask('Hi', { answerWithinMs: 60_000 })).toMatchObject({ state: 'answered' })
    await lab.renew(plannedBroker({ own: second.own }))
    expect(await made()).toEqual([virtualHostOf(lab)])
    expect(virtualHostOf(lab)).not.toBe(first)
  }
  expect(await second.listing()).toEqual(before)
  expectOwnWritesAlone()
})

test('a scenario passes there; its report names the broker, and the password stands nowhere', async () => {
  const command = scenario('nack-requeue')
  await until('it works there', made, { is: names => names.length === 1, ...WITHIN })
  const shown = pids().map(pid => procText(`${pid}/cmdline`))
  const { exitCode, stdout, stderr } = await command.ended
  expect({ exitCode, stderr }).toMatchObject({ exitCode: EXIT.ok })
  const [{ folder, verdict }] = (JSON.parse(stdout) as { runs: [{ folder: string; verdict: string }] }).runs
  expect(verdict).toBe('pass')
  const files = (await readdir(join(ROOT, folder))).filter(name => /\.(json|md|html|xml)$/.test(name))
  const texts = await Promise.all(files.map(name => readFile(join(ROOT, folder, name), 'utf8')))
  await rm(join(ROOT, folder), { recursive: true })
  const page = texts[files.indexOf('report.html')]
  expect(page).toMatch(/Your own broker.*amqps:\/\/lab@127\.0\.0\.1:\d+: RabbitMQ 3\.[\d.]+, feature flags on: .*quorum_queue/)
  const { password } = second.own
  expect([stdout, stderr, ...shown, ...texts].filter(text => text.includes(password))).toEqual([])
  expect(await second.listing()).toEqual(before)
  expectOwnWritesAlone()
})

test('a user without the right to make virtual hosts gets a prefix of names in the given one', async () => {
  const command = scenario('nack-requeue', { url: second.own.url.replace('lab@', 'tenant@').concat('/lab') })
  const queues = async () => (await second.listing())['queues']?.filter(name => before['queues']?.includes(name) !== true)
  const seen = await until('it works there', queues, { is: names => names?.some(name => name.endsWith('.bot.tasks')) === true, ...WITHIN })
  expect(seen?.filter(name => !/^lab (prefetch-lab-[0-9a-f]{12}-lab2?\.|amq\.gen)/.test(name))).toEqual([])
  const { exitCode, stdout, stderr } = await command.ended
  expect({ exitCode, stderr }).toMatchObject({ exitCode: EXIT.ok, stderr: expect.stringContaining('a prefix of names for each arm') })
  await rm(join(ROOT, (JSON.parse(stdout) as { runs: [{ folder: string }] }).runs[0].folder), { recursive: true })
  expect(await second.listing()).toEqual(before)
})

test('what a killed run left is removed by the next start, which reports it', async () => {
  const killed = scenario('nack-requeue')
  const [name = ''] = await until('it works there', made, { is: names => names.length === 1, ...WITHIN })
  const state = join(
    home.labs,
    (await readdir(home.labs)).find(entry => entry.startsWith('p-') && !entry.endsWith('.lock')) ?? '',
    'state.json',
  )
  expect((await stat(state)).mode & 0o777).toBe(0o600)
  killed.child.kill('SIGKILL')
  await killed.ended
  expect(await made()).toEqual([name])
  const next = await run(['down', '--name', 'none'], env()).ended
  expect(next).toMatchObject({ exitCode: EXIT.ok, stderr: expect.stringContaining(name) })
  expect(await second.listing()).toEqual(before)
  expectOwnWritesAlone()
  expect((await readdir(home.labs)).filter(entry => entry.startsWith('p-'))).toEqual([])
})

test('Ctrl-C leaves nothing there', async () => {
  const stopped = scenario('nack-requeue')
  await until('it works there', made, { is: names => names.length === 1, ...WITHIN })
  stopped.child.kill('SIGINT')
  expect(await stopped.ended).toMatchObject({ exitCode: EXIT.interrupted })
  expect(await second.listing()).toEqual(before)
})

test.each([
  ['another authority', () => ({ ca: second.otherCa }), /^NO_BROKER: .*\n.*--ca FILE/],
  [
    'another name than its certificate has',
    () => ({ url: second.own.url.replace('127.0.0.1', 'localhost') }),
    /NO_BROKER: .*altnames.*\n.*name the host/,
  ],
  ['no TLS', () => ({ url: second.own.url.replace('amqps', 'amqp') }), /NO_BROKER: .*\n.*amqps:\/\//],
  [
    'a virtual host that is not there',
    () => ({ url: second.own.url.replace('lab@', 'tenant@').concat('/none') }),
    /NO_VIRTUAL_HOST: .* none,/,
  ],
  ['a wrong user', () => ({ url: second.own.url.replace('lab@', 'eve@') }), /BROKER_DENIED: .*\n.*authenticate_user eve/],
])('%s: refused before anything is written', async (_, how, words) => {
  const { exitCode, stderr } = await scenario('nack-requeue', how()).ended
  expect({ exitCode, stderr }).toEqual({ exitCode: EXIT.environment, stderr: expect.stringMatching(words) })
  expect(second.asked.filter(line => !line.startsWith('GET '))).toEqual([])
})

test('beside queues of others it asks, and leaves them alone', async () => {
  const channel = await second.lab.broker()
  await channel.assertQueue('of-others')
  const refused = await scenario('crash-loop').ended
  expect(refused).toMatchObject({
    exitCode: EXIT.environment,
    stderr: expect.stringMatching(/BROKER_IN_USE: .* has 1 queue of others[\s\S]*--yes/),
  })
  const agreed = await scenario('crash-loop', { yes: true }).ended
  expect({ exitCode: agreed.exitCode, stderr: agreed.stderr }).toMatchObject({ exitCode: EXIT.ok })
  await rm(join(ROOT, (JSON.parse(agreed.stdout) as { runs: [{ folder: string }] }).runs[0].folder), { recursive: true })
  expect(await made()).toEqual([])
  expect(await channel.checkQueue('of-others')).toMatchObject({ messageCount: 0 })
  await channel.deleteQueue('of-others')
})

test('what needs a restart is skipped, with its code', async () => {
  const { exitCode, stdout } = await scenario('offline-backlog').ended
  expect(exitCode).toBe(EXIT.unknown)
  expect(JSON.parse(stdout)).toMatchObject({
    runs: [],
    skipped: 1,
    skippedScenarios: [{ scenario: 'offline-backlog', code: 'BROKER_RESTART' }],
  })
})
