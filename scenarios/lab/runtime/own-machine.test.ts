import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { expectFree } from './ports.ts'
import { serverEnv } from './rabbitmq.ts'

/** Other programs and /etc do not affect the lab. */

afterEach(() => void vi.restoreAllMocks())

test('a port that another program took meanwhile is named; one of a first start, or of a helper that lives on, is not', async () => {
  let nowMs = 0
  // Time flies: no wait for a free port.
  vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 1_000))
  const foreign = createServer().listen(0, '127.0.0.1')
  await once(foreign, 'listening')
  const { port } = foreign.address() as AddressInfo
  const self = { pid: process.pid, startTime: '1' }
  const check = (starts = 1, processes = [self], key = 'http') =>
    expectFree('im-a', { wanted: 'running', startedAt: '', starts, processes, ports: { [key]: port } }, [key])
  await expect(check()).rejects.toMatchObject({ code: 'PORT_TAKEN', message: expect.stringContaining(`port ${port} of im-a http`) })
  await check(0)
  await check(1, [self, self], 'epmd')
  foreign.close()
  await once(foreign, 'close')
  await check()
})

test("none of the files that the machine's own RabbitMQ reads is read by ours", () => {
  const env = serverEnv({
    ...{ folder: '/lab', part: { name: 'rabbitmq', kind: 'broker', needs: [] } },
    ...{ ports: { amqp: 1, epmd: 2, distribution: 3 }, brokers: {} },
  })
  const files = ['CONFIG_FILE', 'CONFIG_FILES', 'ADVANCED_CONFIG_FILE', 'CONF_ENV_FILE', 'ENABLED_PLUGINS_FILE', 'MNESIA_BASE', 'LOG_BASE']
  for (const file of files) expect(env[`RABBITMQ_${file}`], file).toMatch(/^(\/lab\/rabbitmq\/|\/dev\/null$)/)
})
