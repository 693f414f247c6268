import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PostgreSqlContainer, type StartedPostgreSqlContainer } from '@testcontainers/postgresql'
import { RabbitMQContainer, type StartedRabbitMQContainer } from '@testcontainers/rabbitmq'
import { pino } from 'pino'
import type { BrokerGeneration } from '#lab'
import { BROKER_VARIABLES, imageNames, ROOT } from '../../../scenarios/lab/runtime/compose/images.ts'

/** Containers through Testcontainers, and what our layers need to be tried on them. */

const PASSWORDS = { im: 'password-of-im', worker: 'password-of-worker' }

/** The tests report errors. */
export const LOG = pino({ level: 'silent' })

export async function rabbitmq(generation: BrokerGeneration, configuration = ''): Promise<StartedRabbitMQContainer> {
  const container = new RabbitMQContainer((await imageNames())[BROKER_VARIABLES[generation]] ?? '')
  const content = `disk_free_limit.absolute = 50MB\n${configuration}\n`
  return container.withCopyContentToContainer([{ content, target: '/etc/rabbitmq/conf.d/90-test.conf' }]).start()
}

/** A broker's address as it is behind a link. */
export function throughLink(container: StartedRabbitMQContainer, link: { port: number }): string {
  const url = new URL(container.getAmqpUrl())
  url.hostname = '127.0.0.1'
  url.port = String(link.port)
  return url.href
}

export interface TestDatabase extends AsyncDisposable {
  container: StartedPostgreSqlContainer
  host: string
  port: number
  /** With the rights of a service. @param port of a link before it */
  url(role: 'im' | 'worker', port?: number): string
}

/** Postgres with our schema and roles. */
export async function database(): Promise<TestDatabase> {
  const container = await new PostgreSqlContainer((await imageNames())['POSTGRES_IMAGE'] ?? '').withDatabase('lab').start()
  const env = {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: container.getConnectionUri(),
    ROLE_PASSWORDS_IM: PASSWORDS.im,
    ROLE_PASSWORDS_WORKER: PASSWORDS.worker,
  }
  await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'services/kit/migrate.ts')], { env })
  const [host, ownPort] = [container.getHost(), container.getPort()]
  return {
    container,
    host,
    port: ownPort,
    url: (role, port = ownPort) => `postgres://${role}:${PASSWORDS[role]}@${port === ownPort ? host : '127.0.0.1'}:${port}/lab`,
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  }
}
