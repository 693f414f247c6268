import { expect, test } from 'vitest'
import { areBrokerUrls, brokerUrls } from './broker-urls.ts'

test('one address, or several with commas', () => {
  expect(brokerUrls('amqp://u:p@a:5672/lab')).toEqual(['amqp://u:p@a:5672/lab'])
  expect(brokerUrls('amqp://a/lab, amqps://b:5671/lab,')).toEqual(['amqp://a/lab', 'amqps://b:5671/lab'])
})

test.each([
  ['amqp://a,amqp://b', true],
  ['amqps://a/lab', true],
  ['amqp://a,http://b', false],
  ['a:5672', false],
  ['', false],
])('%s: %s', (list, sound) => expect(areBrokerUrls(list)).toBe(sound))
