import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from '../../errors.ts'
import type { BrokerGeneration } from '../../plan.ts'
import { composeProgram, docker } from './docker.ts'
import { engineHere } from './engine.ts'
import { proveOneClock } from './one-clock.ts'
import { buildFolder, hashOf, readSources } from './sources.ts'

/** A lab's images: names, presence, and our own builds from the source. */

export const ROOT = join(import.meta.dirname, '..', '..', '..', '..')
export const COMPOSE_FOLDER = join(ROOT, 'compose')
/** What the image of our services is made of. */
const SOURCES = ['services', 'package.json', 'package-lock.json', 'compose/services.Dockerfile', 'compose/node.Dockerfile']
/** Images of older sources that are kept, for labs that run. */
const KEPT = 3
const SERVICES = 'prefetch-lab/services'
const NEWEST: BrokerGeneration = '4.3'

/** Which of compose/images.env is which generation's. */
export const BROKER_VARIABLES: Record<BrokerGeneration, string> = {
  '3.10': 'RABBITMQ_3_10_IMAGE',
  '4.0': 'RABBITMQ_4_0_IMAGE',
  '4.3': 'RABBITMQ_IMAGE',
}

export interface LabImages {
  broker: string
  database: string
  services: string
}

export async function imageNames(): Promise<Record<string, string>> {
  const text = await readFile(join(COMPOSE_FOLDER, 'images.env'), 'utf8')
  return Object.fromEntries([...text.matchAll(/^([A-Z0-9_]+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]))
}

/** Tag of the packages' image: it changes with the lock file alone. */
export async function packagesImage(): Promise<string> {
  return `prefetch-lab/packages:${hashOf(await readSources(ROOT, ['package-lock.json']))}`
}

/** Pulls or builds a lab's images. Throws IMAGES_MISSING. @param say called before slow steps */
export async function ensureImages(generation: BrokerGeneration | undefined, say: (text: string) => void): Promise<LabImages> {
  const names = await imageNames()
  const [broker = '', database = ''] = [names[BROKER_VARIABLES[generation ?? NEWEST]], names['POSTGRES_IMAGE']]
  for (const image of [broker, database]) {
    if (await isHere(image)) continue
    say(`Pulling ${image} …`)
    await docker(['pull', '--quiet', image]).catch((error: Error) => {
      throw missing(image, error)
    })
  }
  return { broker, database, services: await servicesImage(names['NODE_IMAGE'] ?? '', say) }
}

/** Whether labs run in containers here; fetches what they need. @returns the engine's version.
 *  Throws as engineHere within seconds, and IMAGES_MISSING. */
export async function containersReady(generation: BrokerGeneration | undefined, say: (text: string) => void): Promise<string> {
  const version = await engineHere()
  if ((await composeProgram()) === undefined)
    throw new LabError(
      'ENGINE_MISSING',
      "Docker's compose plugin is missing.\nInstall the package docker-compose-plugin, or: npm run images:offline",
    )
  const { services } = await ensureImages(generation, say)
  await proveOneClock(services)
  return version
}

/** Our services from the source, over the packages. @param node base image for these */
export async function servicesImage(node: string, say: (text: string) => void): Promise<string> {
  const sources = await readSources(ROOT, SOURCES)
  const image = `${SERVICES}:${hashOf(sources)}`
  if (await isHere(image)) return image
  const packages = await packagesImage()
  await using folder = await buildFolder(sources)
  const build = (tag: string, file: string, ...args: string[]) =>
    docker(['build', '--quiet', ...args, '-f', join(folder.path, file), '-t', tag, folder.path], { env: { DOCKER_BUILDKIT: '0' } })
  if (!(await isHere(packages))) {
    say('Building the image of our packages …')
    await build(packages, 'compose/node.Dockerfile', '--target', 'packages', '--build-arg', `NODE_IMAGE=${node}`).catch((error: Error) => {
      throw missing(packages, error)
    })
  }
  await build(image, 'compose/services.Dockerfile', '--build-arg', `PACKAGES_IMAGE=${packages}`)
  await removeOld()
  return image
}

/** Images of others that are not here. */
export async function missingImages(): Promise<string[]> {
  const names = await imageNames()
  const wanted = [...Object.values(BROKER_VARIABLES), 'POSTGRES_IMAGE'].map(variable => names[variable] ?? '')
  const here = await Promise.all(wanted.map(isHere))
  return wanted.filter((_, i) => here[i] === false)
}

async function removeOld(): Promise<void> {
  const tags = (await docker(['images', SERVICES, '--format', '{{.Tag}}'])).split('\n').filter(tag => /^[0-9a-f]{12}$/.test(tag))
  // Newest first. One that a container uses stays.
  for (const tag of tags.slice(KEPT)) await docker(['image', 'rm', `${SERVICES}:${tag}`]).catch(() => undefined)
}

export async function isHere(image: string): Promise<boolean> {
  return docker(['image', 'inspect', '--format', '{{.Id}}', image]).then(
    () => true,
    (error: unknown) => {
      if (error instanceof LabError && error.code === 'DOCKER_FAILED') return false
      throw error
    },
  )
}

function missing(image: string, cause: Error): LabError {
  const why = cause.message.trim().split('\n').at(-1) ?? ''
  return new LabError(
    'IMAGES_MISSING',
    `the image ${image} is missing and cannot be pulled or built: ${why}\nBuild all of them from packages: npm run images:offline`,
    {
      cause,
    },
  )
}
