/** What the set-up promises, case by case, in one root. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { DebianRoot, RunResult } from './root.ts'

export interface Case {
  name: string
  /** Returns a figure worth printing, if there is one. */
  run(root: DebianRoot): Promise<string | undefined>
}

export const CLONE = '/srv/prefetch-lab'
export const GUEST = 'guest'
export const GUEST_CLONE = '/home/guest/prefetch-lab'
const INSTALL = 'sudo apt-get install -y --no-install-recommends rabbitmq-server'
const POLICY = '/usr/sbin/policy-rc.d'
const STATE = '/var/lib/prefetch-lab'
const PARTS = 8
/** These show a first start and a second. The others take ten minutes: --full. */
const DOCKER_TESTS = ['first-start', 'lab.docker']
const LONG_MS = 1_800_000
const PURGE = 'apt-get purge --autoremove -y rabbitmq-server erlang-base'

const said = (result: RunResult) =>
  `exit code ${result.exitCode} after ${result.seconds.toFixed(1)} s\n${result.stdout}${result.stderr}`.slice(-6_000)

function expectExit(result: RunResult, exitCode: number): RunResult {
  assert.equal(result.exitCode, exitCode, said(result))
  return result
}

const inClone = (root: DebianRoot, command: string, withinMs?: number) =>
  root.run(`cd ${CLONE} && ${command}`, withinMs === undefined ? {} : { withinMs })
const asGuest = (root: DebianRoot, command: string) => root.run(`cd ${GUEST_CLONE} && ${command}`, { user: GUEST })

/** What an install must not change: the policy, and what starts at boot. */
async function systemState(root: DebianRoot): Promise<string> {
  const policy = `stat -c '%a %u %g %s %Y %i' ${POLICY}; sha256sum ${POLICY}; ls ${POLICY}* 2>&1`
  const boot = "find /etc/systemd/system /etc/rc[2-5].d -type l \\( -path '/etc/systemd/*' -o -name 'S*' \\) 2>/dev/null | sort"
  return (await root.run(`${policy}; ${boot}; ls ${STATE}/installing 2>&1; true`)).stdout
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended since it was listed.
  }
}

interface Status {
  parts: { name: string; state: string; urls: Record<string, string> }[]
}

async function readyParts(status: RunResult): Promise<number[]> {
  const { parts }: Status = JSON.parse(expectExit(status, 0).stdout)
  assert.equal(parts.filter(part => part.state === 'ready').length, PARTS, said(status))
  return parts.flatMap(part => Object.values(part.urls).map(url => Number(URL.parse(url)?.port))).filter(port => port > 0)
}

const LISTENING = 'cat /proc/net/tcp /proc/net/tcp6 | awk \'$4 == "0A" { sub(/.*:/, "", $2); print $2 }\' | sort -u'
async function listening(root: DebianRoot): Promise<number[]> {
  return (await root.run(LISTENING)).stdout
    .split('\n')
    .filter(Boolean)
    .map(hex => Number.parseInt(hex, 16))
}

let before = ''
let portsBefore: number[] = []
let portsOfLab: number[] = []

export const CASES: Case[] = [
  {
    name: 'an ordinary user without sudo and without RabbitMQ: NO_RIGHTS_TO_INSTALL and the command',
    async run(root) {
      const up = expectExit(await asGuest(root, 'npm run lab:up'), 2)
      assert.match(up.stderr, /NO_RIGHTS_TO_INSTALL/)
      assert.ok(up.stderr.includes(INSTALL), up.stderr)
      return `Node 24 and packages in ${up.seconds.toFixed(1)} s`
    },
  },
  {
    name: '--no-install: PACKAGES_MISSING and the command',
    async run(root) {
      const up = expectExit(await asGuest(root, 'npm run lab:up -- --no-install'), 2)
      assert.match(up.stderr, /PACKAGES_MISSING/)
      assert.ok(up.stderr.includes(INSTALL), up.stderr)
      return `${up.seconds.toFixed(1)} s`
    },
  },
  {
    name: 'one command brings up the lab from nothing',
    async run(root) {
      await root.run(
        `printf '#!/bin/sh\\n# of this machine\\nexit 104\\n' >${POLICY} && chmod 751 ${POLICY} && touch -d 2001-02-03 ${POLICY}`,
      )
      before = await systemState(root)
      portsBefore = await listening(root)
      const up = expectExit(await inClone(root, 'npm run lab:up'), 0)
      return `${up.seconds.toFixed(1)} s`
    },
  },
  {
    name: 'policy-rc.d is as it was, no service is enabled, no service port is open',
    async run(root) {
      assert.equal(await systemState(root), before)
      const opened = (await listening(root)).filter(port => [5672, 25672, 4369].includes(port) && !portsBefore.includes(port))
      assert.deepEqual(opened, [])
      return undefined
    },
  },
  {
    name: `lab:status shows ${PARTS} parts ready`,
    async run(root) {
      portsOfLab = await readyParts(await inClone(root, 'npm run -s lab:status -- --json'))
      return undefined
    },
  },
  {
    name: 'a second lab:up changes nothing',
    async run(root) {
      // Postgres and Erlang start and end helpers as they please.
      const parts = async () => (await root.processes()).filter(({ command }) => /main\.ts|beam\.smp|bin\/postgres /.test(command))
      const running = await parts()
      const up = expectExit(await inClone(root, 'npm run lab:up'), 0)
      assert.deepEqual(await parts(), running)
      return `${up.seconds.toFixed(1)} s`
    },
  },
  {
    name: 'lab:down leaves no process and no port',
    async run(root) {
      const down = expectExit(await inClone(root, 'npm run lab:down'), 0)
      assert.deepEqual(await root.processes(), [])
      const ports = await listening(root)
      assert.deepEqual(
        portsOfLab.filter(port => ports.includes(port)),
        [],
      )
      return `${down.seconds.toFixed(1)} s`
    },
  },
  {
    name: 'an ordinary user runs the lab once RabbitMQ is there',
    async run(root) {
      const up = expectExit(await asGuest(root, 'npm run lab:up -- --no-install'), 0)
      await readyParts(await asGuest(root, 'npm run -s lab:status -- --json'))
      expectExit(await asGuest(root, 'npm run lab:down'), 0)
      assert.deepEqual(await root.processes(), [])
      return `${up.seconds.toFixed(1)} s`
    },
  },
  {
    name: 'an install killed in the middle is repaired by the next command',
    async run(root) {
      expectExit(await root.run(PURGE), 0)
      before = await systemState(root)
      const up = inClone(root, 'npm run lab:up')
      // dpkg at work with our policy in place is the worst moment.
      const isWorst = async () =>
        existsSync(`${root.path}${POLICY}.prefetch-lab-kept`) && (await root.processes()).some(({ command }) => /^\S*dpkg /.test(command))
      const deadlineMs = performance.now() + 120_000
      while (!(await isWorst())) assert.ok(performance.now() < deadlineMs, 'dpkg was never seen at work')
      for (const { pid } of await root.processes()) killIfThere(pid)
      await up
      assert.notEqual(await systemState(root), before, 'the kill came too late to prove anything')
      const again = expectExit(await inClone(root, 'npm run lab:up'), 0)
      assert.equal(await systemState(root), before)
      expectExit(await inClone(root, 'npm run lab:down'), 0)
      return `${again.seconds.toFixed(1)} s`
    },
  },
  {
    name: 'an ordinary user with sudo needs no other command',
    async run(root) {
      expectExit(await root.run(`${PURGE} && apt-get install -y --no-install-recommends sudo`), 0)
      expectExit(await root.run(`echo '${GUEST} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/${GUEST}`), 0)
      before = await systemState(root)
      const up = expectExit(await asGuest(root, 'npm run lab:up'), 0)
      assert.equal(await systemState(root), before)
      expectExit(await asGuest(root, 'npm run lab:down'), 0)
      return `${up.seconds.toFixed(1)} s`
    },
  },
]

/** As `npm test` has it on a machine that never had an engine. */
export const DOCKER_SUITE: Case = {
  name: `Docker suite from nothing (${DOCKER_TESTS.join(', ')}): engine installed, empty data root, no image`,
  async run(root) {
    assert.equal((await root.run('command -v dockerd')).stdout, '')
    const test = expectExit(await inClone(root, `npm run test:docker -- ${DOCKER_TESTS.join(' ')}`, LONG_MS), 0)
    assert.deepEqual(await root.processes(), [])
    const counted = test.stdout.trim().split('\n').at(-1)
    return `${counted}; ${test.seconds.toFixed(1)} s, images included`
  },
}

export const OWN_ENGINE: Case = {
  name: "lab:up on containers, with the user's own engine that starts for the first time and has no image",
  async run(root) {
    expectExit(await root.run('test ! -e /var/lib/docker'), 0)
    await root.run('setsid dockerd >/var/log/dockerd.log 2>&1 </dev/null &')
    const deadlineMs = performance.now() + 30_000
    while ((await root.run('docker version')).exitCode !== 0) assert.ok(performance.now() < deadlineMs, 'dockerd does not answer')
    assert.equal((await root.run('docker image ls --quiet')).stdout, '')
    const refused = expectExit(await inClone(root, 'npm run lab:up -- --runtime compose'), 2)
    assert.match(refused.stderr, /IMAGES_MISSING.*\n.*npm run images:offline/)
    const images = expectExit(await inClone(root, 'npm run images:offline -- --keep'), 0)
    const up = expectExit(await inClone(root, 'npm run lab:up -- --runtime compose'), 0)
    await readyParts(await inClone(root, 'npm run -s lab:status -- --json'))
    expectExit(await inClone(root, 'npm run lab:down'), 0)
    assert.equal((await root.run('docker ps --all --quiet')).stdout, '')
    return `images ${images.seconds.toFixed(1)} s out of kept packages, up ${up.seconds.toFixed(1)} s`
  },
}

/** With --full, in place of the Docker suite's part: it takes as long as the whole suite. */
export const SUITE: Case = {
  name: 'npm test passes inside',
  async run(root) {
    const test = await inClone(root, 'npm test', 2 * LONG_MS)
    assert.equal(test.exitCode, 0, test.stdout.slice(test.stdout.lastIndexOf('\nFailed:\n')))
    return test.stdout.trim().split('\n').at(-1)
  },
}
