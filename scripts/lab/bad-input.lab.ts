import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import { until } from '#lab'
import { ROOT, run } from './command.ts'

/** Bad input: exit code, stable error code, next command. Frames: `scenarios/chat-edge.lab.ts`. */

/** With `--fixed-ports`. */
const IM_B_PORT = 8102

let home = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'bad-input-'))
  await chmod(home, 0o711) // Postgres, under root, runs as somebody else who must be able to pass.
})
afterAll(async () => {
  await lab(['down'])
  await rm(home, { recursive: true, force: true })
})

const env = () => ({ PREFETCH_LAB_HOME: join(home, 'labs') })
const lab = (args: string[]) => run(args, env()).ended
const chat = (args: string[]) => run(args, env(), [process.execPath, join(ROOT, 'scripts', 'chat.ts')]).ended

/** arguments -> exit code, error code, what to type next. */
const NO_LAB_NEEDED: [string, string[], number, string, RegExp][] = [
  ['an unknown GPU profile', ['up', '--gpu', 'gpu-slow=gtx-9000'], EXIT.usage, 'UNKNOWN_GPU_PROFILE', /npm run lab:up -- .*--gpu /],
  ['a GPU without a card', ['up', '--gpu', 'gpu-slow'], EXIT.usage, 'BAD_NAME', /npm run lab:up -- --gpu/],
  ['a GPU with the name of another part', ['up', '--gpu', 'im-a=rtx-4090'], EXIT.usage, 'BAD_NAME', /npm run lab:up -- --gpu/],
  ['an unknown card among one’s own', ['up', '--gpus', 'rtx-4090,3060'], EXIT.usage, 'UNKNOWN_GPU_PROFILE', /Did you mean rtx-3060/],
  ['an unknown setting', ['up', '--set', 'prefetch=3'], EXIT.usage, 'BAD_SETTING', /npm run settings/],
  ['a setting out of range', ['up', '--set', 'workerPrefetchTasks=-1'], EXIT.usage, 'BAD_SETTING', /npm run settings/],
  ['no value', ['up', '--set', 'workerPrefetchTasks'], EXIT.usage, 'BAD_SETTING', /npm run settings/],
  ['a setting of a part that is none', ['up', '--set', 'im-z:seed=1'], EXIT.usage, 'UNKNOWN_PART', /im-a, im-b/],
  ['an unknown design', ['up', '--design', 'perfect'], EXIT.usage, 'BAD_SETTING', /npm run settings/],
  ['no model server there', ['up', '--ollama', 'http://127.0.0.1:61'], EXIT.environment, 'NO_MODEL_SERVER', /ollama serve/],
  ['no address of a model server', ['up', '--ollama', 'ftp://host'], EXIT.usage, 'BAD_MODEL_SERVER', /--ollama http:/],
  [
    'more model servers than GPUs',
    ['up', ...Array.from({ length: 3 }, () => ['--ollama', 'a:1']).flat()],
    EXIT.usage,
    'UNKNOWN_PART',
    /npm run lab:up -- --ollama/,
  ],
  ['an invalid name', ['up', '--name', '../x'], EXIT.usage, 'BAD_NAME', /npm run lab:up -- --name/],
  ['an unknown option', ['up', '--fast'], EXIT.usage, "unknown option '--fast'", /npm run lab:up -- --help/],
  [
    'a setting without --, which npm takes',
    ['up', 'workerSlots=2'],
    EXIT.usage,
    'too many arguments',
    /npm run lab:up -- --set workerSlots=2\n/,
  ],
  ['an unknown generation of RabbitMQ', ['up', '--broker', '5.0'], EXIT.usage, 'USAGE', /npm run lab:up -- --broker 4\.0\n/],
  ['two brokers', ['up', '--brokers', '2'], EXIT.usage, 'BAD_SETTING', /npm run lab:up -- --brokers 3/],
  ['five brokers', ['up', '--brokers', '5'], EXIT.usage, 'expected 1 or 3, got 5', /npm run lab:up -- --brokers 3/],
  ['a profile that is not there', ['up', '--gpu', 'gpu-slow=no.json'], EXIT.usage, 'cannot read no.json', /npm run calibrate/],
  ['no lab to look at', ['status'], EXIT.environment, 'NO_LAB', /npm run lab:up/],
  ['no lab to read', ['logs', 'im-a'], EXIT.environment, 'NO_LAB', /npm run lab:up/],
  ['no lab to change', ['stop', 'workers'], EXIT.environment, 'NO_LAB', /npm run lab:up/],
]

test.each(NO_LAB_NEEDED)('%s', async (_, args, exitCode, code, next) => {
  const ended = await lab(args)
  expect([ended.exitCode, ended.stderr]).toEqual([exitCode, expect.stringContaining(code)])
  expect(ended.stderr).toMatch(next)
  expect(ended.stdout).toBe('')
})

test('no lab to chat in', async () => {
  const ended = await chat(['--as', 'ann'])
  expect([ended.exitCode, ended.stderr]).toEqual([EXIT.environment, expect.stringMatching(/NO_LAB[\s\S]*npm run lab:up/)])
})

test('a state that cannot be read', async () => {
  await mkdir(join(home, 'labs', 'broken'), { recursive: true })
  await writeFile(join(home, 'labs', 'broken', 'state.json'), '{"schemaVersion":1,"na')
  const ended = await lab(['status', '--name', 'broken'])
  expect([ended.exitCode, ended.stderr]).toEqual([
    EXIT.environment,
    expect.stringMatching(/NO_LAB[\s\S]*npm run lab:down -- --name broken/),
  ])
  expect((await lab(['down', '--name', 'broken'])).stdout).toMatch(/nothing of it is left/)
})

test('a port that is taken', async () => {
  const taken = createServer().listen(IM_B_PORT, '127.0.0.1')
  try {
    const ended = await lab(['up', '--fixed-ports'])
    expect([ended.exitCode, ended.stderr]).toEqual([
      EXIT.environment,
      expect.stringMatching(/PORT_TAKEN: port 8102 of im-b http[\s\S]*npm run lab:up/),
    ])
  } finally {
    taken.close()
  }
})

/** A machine without RabbitMQ: an empty folder over the real one, in a mount namespace. */
function withoutRabbit(user: string, args: string): string[] {
  const node = dirname(process.execPath)
  const script = `
    mount -t tmpfs none /usr/lib/rabbitmq && mkdir -p /mnt/project /mnt/node && mount --bind ${ROOT} /mnt/project && mount --bind ${node} /mnt/node
    cd /mnt/project && ${user} env HOME=/tmp PATH=/mnt/node:/usr/bin:/bin PREFETCH_LAB_HOME=${home}/none /mnt/node/node scripts/lab.ts ${args}`
  return ['unshare', '--mount', 'sh', '-c', script]
}

describe.skipIf(process.getuid?.() !== 0)('RabbitMQ missing', () => {
  test.each([
    ['without rights to install', 'setpriv --reuid=65534 --regid=65534 --clear-groups', 'up', 'NO_RIGHTS_TO_INSTALL'],
    ['and installing refused', '', 'up --no-install', 'PACKAGES_MISSING'],
  ])('%s', async (_, user, args, code) => {
    const ended = await run([], env(), withoutRabbit(user, args)).ended
    expect([ended.exitCode, ended.stderr]).toEqual([EXIT.environment, expect.stringContaining(code)])
    expect(ended.stderr).toMatch(/sudo apt-get install -y --no-install-recommends rabbitmq-server/)
  })
})

describe('with a lab', () => {
  test('a second up while one starts; up with other settings; an unknown part; down twice', async () => {
    const first = run(['up', '--time-scale', '50'], env())
    const state = join(home, 'labs', 'main', 'state.json')
    await until('it starts', async () => readFile(state, 'utf8').catch(() => ''), { is: text => text !== '', withinMs: 60_000 })
    const second = await lab(['up', '--time-scale', '50'])
    expect([second.exitCode, second.stderr]).toEqual([EXIT.environment, expect.stringMatching(/UP_IN_PROGRESS[\s\S]*npm run lab:down/)])
    expect((await first.ended).exitCode, first.text()).toBe(0)

    const other = await lab(['up', '--time-scale', '10'])
    expect([other.exitCode, other.stderr]).toEqual([
      EXIT.environment,
      expect.stringMatching(/SETTINGS_DIFFER[\s\S]*timeScale: 50 \(asked: 10\)[\s\S]*npm run lab:down/),
    ])
    const logs = await lab(['logs', 'im-z'])
    expect([logs.exitCode, logs.stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/UNKNOWN_PART[\s\S]*Did you mean im-[\s\S]*im-a, im-b[\s\S]*npm run lab:status/),
    ])
    const group = await lab(['stop', 'worker'])
    expect([group.exitCode, group.stderr]).toEqual([
      EXIT.usage,
      expect.stringMatching(/Did you mean .*workers.*[\s\S]*Groups: workers, nodes, gpus, brokers/),
    ])
    expect((await lab(['down', '--name', 'mainn'])).stdout).toMatch(
      /No lab named mainn was there\. Did you mean main\?.*\n {2}npm run lab:down -- --name main\n/,
    )
    const elsewhere = await chat(['--as', 'ann', '--on', 'im-z'])
    expect([elsewhere.exitCode, elsewhere.stderr]).toEqual([EXIT.usage, expect.stringMatching(/im-a or im-b/)])

    expect((await lab(['down'])).stdout).toMatch(/nothing of it is left/)
    expect(await lab(['down'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/No lab named main was there/) })
  })
})
