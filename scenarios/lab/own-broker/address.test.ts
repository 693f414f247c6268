import { expect, test } from 'vitest'
import { amqpAddress, brokerAccess, userOf } from './address.ts'

const access = (given: string, more: { management?: string; ca?: string } = {}, env = {}) => brokerAccess(given, more, env)

test('an address of AMQP: user, password, host, port, virtual host', () => {
  expect(access('amqps://ann:s%40cret@broker.example/team%2Fa')).toEqual({
    url: 'amqps://ann@broker.example:5671',
    virtualHost: 'team/a',
    management: 'https://broker.example:15671',
    password: 's@cret',
  })
  const plain = access('amqp://ann@[::1]:5673/', { management: 'http://proxy.example/rabbit/' }, { BROKER_PASSWORD: 'p/w' })
  expect(plain).toMatchObject({
    url: 'amqp://ann@[::1]:5673',
    virtualHost: '/',
    management: 'http://proxy.example/rabbit',
    password: 'p/w',
  })
  expect([amqpAddress(plain, '/'), userOf(plain)]).toEqual(['amqp://ann:p%2Fw@[::1]:5673/%2F', 'ann'])
})

test.each([
  ['amqp://', {}, /expected amqp:\/\/USER@HOST/],
  ['http://ann:pw@h', {}, /expected amqp:\/\/USER@HOST/],
  ['amqp://ann:pw@h/?heartbeat=1', {}, /without \? and #/],
  ['amqp://h/', {}, /expected a user/],
  ['amqp://ann@h/', {}, /password of ann is missing.*\n.*BROKER_PASSWORD/],
  ['amqp://ann:%zz@h/', {}, /write % as %25/],
  ['amqp://ann:pw@h/', { management: 'h:15672' }, /--management: expected http/],
  ['amqp://ann:pw@h/', { management: 'http://ann:pw@h' }, /without a user/],
  ['amqp://ann:pw@h/', { ca: '/none.pem' }, /--ca: cannot read \/none\.pem/],
])('%s %j is refused, and no password is shown', (given, more, words) => {
  expect(() => access(given, more)).toThrow(expect.objectContaining({ code: 'BAD_BROKER_ADDRESS', message: expect.stringMatching(words) }))
  expect(() => access(given, more)).not.toThrow(/pw/)
})
