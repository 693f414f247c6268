import { expect, test } from 'vitest'
import { LabError } from '../lab/errors.ts'
import { brokerNeed } from './broker-need.ts'
import { type ScenarioSpec, scenario } from './definition.ts'
import { FakeLab } from './fake-lab.ts'
import { refuseNotOurs } from './part-group.ts'
import { Plain } from './plain.ts'
import { Recorder } from './recorder.ts'

const made = (spec: Partial<ScenarioSpec<object>>) =>
  scenario<object>('made-up', { claim: '', sizes: { quick: {}, full: {} }, controls: [], run: async () => undefined, checks: [], ...spec })

test.each([
  ['nothing', {}, undefined],
  ['a restart', { restartsBroker: true }, 'BROKER_RESTART'],
  ['a timeout of all arms', { plan: { settings: { consumerTimeoutMs: 3_000 } } }, 'CONSUMER_TIMEOUT'],
  ['a timeout of one arm', { arms: [{ name: 'a' }, { name: 'b', set: { consumerTimeoutMs: 3_000 } }] }, 'CONSUMER_TIMEOUT'],
] as const)('%s', (_, spec, need) => {
  expect(brokerNeed(made(spec as Partial<ScenarioSpec<object>>))).toBe(need)
})

test('a script that does not announce its restart is stopped at it', () => {
  const ownBroker = { url: 'amqp://ann@host:5672', virtualHost: '/', management: 'http://host:15672' }
  expect(() => refuseNotOurs('broker', { ownBroker })).toThrow(expect.objectContaining({ code: 'NOT_OUR_BROKER' }))
  refuseNotOurs('worker', { ownBroker })
  refuseNotOurs('broker', {})
})

/** A lab whose broker introduces itself so. */
function plainOn(broker: string): Plain {
  const lab = new FakeLab()
  lab.versions = async () => ({ broker, database: '' })
  return new Plain(
    { lab, recorder: new Recorder(), signal: AbortSignal.any([]), closing: new AsyncDisposableStack() },
    { stop: async () => undefined, start: async () => undefined },
  )
}

test.each([
  ['RabbitMQ 3.10.8', '3.10'],
  ['RabbitMQ 3.13.7', '3.10'],
  ['RabbitMQ 4.1.0', '4.0'],
  ['RabbitMQ 4.3.6', '4.3'],
  ['RabbitMQ 5.0.0-rc.1', '4.3'],
])('%s behaves as %s', async (broker, generation) => expect(await plainOn(broker).generation()).toBe(generation))

test.each(['LavinMQ 2.4.0', 'qpid-cpp 1.39', 'a broker without a name'])('%s has no generation of RabbitMQ', async broker => {
  const thrown: unknown = await plainOn(broker)
    .generation()
    .catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(LabError)
  expect(thrown).toMatchObject({ code: 'UNKNOWN_BROKER', message: expect.stringContaining(broker) })
})
