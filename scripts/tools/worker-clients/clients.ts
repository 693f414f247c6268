import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../../../scenarios/lab/runtime/cache.mjs'

/** Client libraries of the template workers, kept in the cache: for their tests alone. */

const run = promisify(execFile)

const PIKA = '1.4.4'
const AMQP_CLIENT = ['com.rabbitmq:amqp-client:5.37.1', 'org.slf4j:slf4j-api:1.7.36']

/** Where it is, or a code that says why a test of it is skipped. */
export type Client = { path: string } | { skip: 'NO_PYTHON' | 'NO_PIKA' | 'NO_JAVA' | 'NO_MAVEN' | 'NO_AMQP_CLIENT' }

/** A Python with pika. */
export async function pikaPython(): Promise<Client> {
  const folder = join(cacheFolder(), `pika-${PIKA}`)
  const python = (within: string) => join(within, 'bin', 'python')
  if (existsSync(folder)) return { path: python(folder) }
  if (!(await runs('python3', '--version'))) return { skip: 'NO_PYTHON' }
  // A virtualenv knows its own path, so it is made in its place.
  try {
    await mkdir(dirname(folder), { recursive: true })
    await run('python3', ['-m', 'venv', folder])
    await run(python(folder), ['-m', 'pip', 'install', '--quiet', `pika==${PIKA}`])
    return { path: python(folder) }
  } catch {
    await rm(folder, { recursive: true, force: true })
    return { skip: 'NO_PIKA' }
  }
}

/** The folder of RabbitMQ's client for Java. */
export async function javaClient(): Promise<Client> {
  const folder = join(cacheFolder(), 'amqp-client-java')
  if (!(await runs('javac', '-version'))) return { skip: 'NO_JAVA' }
  if (existsSync(folder)) return { path: folder }
  if (!(await runs('mvn', '--version'))) return { skip: 'NO_MAVEN' }
  await mkdir(dirname(folder), { recursive: true })
  const made = await mkdtemp(`${folder}-`)
  try {
    for (const artifact of AMQP_CLIENT)
      await run('mvn', ['-B', '-q', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${made}`])
    await rename(made, folder)
    return { path: folder }
  } catch {
    await rm(made, { recursive: true, force: true })
    return { skip: 'NO_AMQP_CLIENT' }
  }
}

const runs = (command: string, flag: string) =>
  run(command, [flag]).then(
    () => true,
    () => false,
  )
