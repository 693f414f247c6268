import { describe, expect, test } from 'vitest'
import { isDebianLike, parseOsRelease } from './machine.ts'
import { INSTALL_COMMAND, planInstall } from './packages.ts'

const debian = { install: true, interactive: false, debian: true, rights: 'root', system: 'Debian 12' } as const

describe('the decision without RabbitMQ', () => {
  test.each([
    ['root, no terminal', {}, 'install'],
    ['sudo, no terminal', { rights: 'sudo' }, 'install'],
    ['root at a terminal', { interactive: true }, 'ask'],
    ['sudo with a password at a terminal', { rights: 'sudo-password', interactive: true }, 'ask'],
  ] as const)('%s', (_who, change, expected) => expect(planInstall({ ...debian, ...change }).do).toBe(expected))

  test.each([
    ['--no-install', { install: false }, 'PACKAGES_MISSING', INSTALL_COMMAND],
    ['no rights at all', { rights: 'none' }, 'NO_RIGHTS_TO_INSTALL', INSTALL_COMMAND],
    ['a password and nobody to type it', { rights: 'sudo-password' }, 'NO_RIGHTS_TO_INSTALL', INSTALL_COMMAND],
    ['no rights, at a terminal', { rights: 'none', interactive: true }, 'NO_RIGHTS_TO_INSTALL', INSTALL_COMMAND],
    ['another system', { debian: false, system: 'Fedora 42' }, 'PACKAGES_MISSING', 'dnf install rabbitmq-server'],
  ] as const)('%s: refused with what to type', (_who, change, code, command) => {
    const plan = planInstall({ ...debian, ...change })
    if (plan.do !== 'refuse') expect.fail(`would ${plan.do}`)
    expect(plan.error).toMatchObject({ code, exitCode: 2, message: expect.stringContaining(command) })
  })
})

test('which systems count as Debian', () => {
  const like = (text: string) => isDebianLike(parseOsRelease(text))
  expect(like('ID=debian\nVERSION_ID="12"')).toBe(true)
  expect(like('ID=linuxmint\nID_LIKE="ubuntu debian"')).toBe(true)
  expect(like('ID=fedora\nPRETTY_NAME="Fedora Linux 42"')).toBe(false)
  expect(like('')).toBe(false)
})
