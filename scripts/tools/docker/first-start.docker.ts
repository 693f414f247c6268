import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { until } from '#lab'
import { docker } from '../../../scenarios/lab/runtime/compose/docker.ts'
import { ROOT, servicesImage } from '../../../scenarios/lab/runtime/compose/images.ts'
import { apart, bringImage, insideNetworkOf, skipsApart } from './apart.ts'
import { engineAt, type OwnEngine } from './engine.ts'

/** An engine's first start: until the second it does not name its bridge's gateway. */

const COMPOSE = join(ROOT, 'scenarios/lab/runtime/compose')
const addressIn = (engine: OwnEngine) => insideNetworkOf(engine, join(COMPOSE, 'bridge.ts'), 'm.bridgeAddress()')
const toldGateway = (engine: OwnEngine) =>
  docker(['network', 'inspect', '--format', '{{range .IPAM.Config}}{{.Gateway}}{{end}}', 'bridge'], { env: engineAt(engine.host) })

describe.skipIf(skipsApart !== undefined)(
  `an engine that starts for the first time${skipsApart === undefined ? '' : ` (${skipsApart})`}`,
  () => {
    test.each<[string, readonly string[], unknown]>([
      ['as it is', [], '172.17.0.1'],
      ['with an address of its own', ['--bip', '10.213.7.77/24'], '10.213.7.77'],
      ['with address pools of its own', ['--default-address-pool', 'base=10.214.0.0/16,size=24'], '10.214.0.1'],
      ['with IPv6', ['--ipv6', '--fixed-cidr-v6', 'fd00:213::/64'], '172.17.0.1'],
      ['with a part of its network', ['--fixed-cidr', '172.17.9.0/24'], expect.stringMatching(/^172\.17\.9\.[01]$/)],
      ['without a bridge', ['--bridge', 'none'], expect.objectContaining({ code: 'NOT_ON_COMPOSE' })],
    ])('%s: the address of this machine on its bridge', async (_, options, expected) => {
      await using engine = await apart({ options })
      expect(await addressIn(engine)).toEqual(expected)
    })

    test('the gateway is not told at first, and a container reaches the address all the same', async () => {
      await using engine = await apart()
      expect((await toldGateway(engine)).trim()).toBe('')
      const image = await servicesImage('', () => undefined)
      await bringImage(image, engine)
      // One process that listens on the address, and asks for itself from a container.
      const ask = (address: string) =>
        `fetch('http://${address}:9999').then(answer => answer.text()).then(console.log, error => console.log(String(error.cause)))`
      const code = `m.bridgeAddress().then(async address => {
      const { createServer } = await import('node:http')
      const server = createServer((_, response) => response.end('reached')).listen(9999, address)
      const { docker } = await import(${JSON.stringify(join(COMPOSE, 'docker.ts'))})
      const ask = ${ask.toString()}
      return (await docker(['run', '--rm', ${JSON.stringify(image)}, '-e', ask(address)])).trim()
    })`
      expect(await insideNetworkOf(engine, join(COMPOSE, 'bridge.ts'), code)).toBe('reached')
    })

    test('nothing of it stays when its owner is killed', async () => {
      const engine = join(import.meta.dirname, 'engine.ts')
      const script = `import { startEngine } from ${JSON.stringify(engine)}
      process.stdout.write(JSON.stringify(await startEngine({ apart: true })))`
      const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
      const [said] = (await once(owner.stdout, 'data')) as [Buffer]
      const { host, pid } = JSON.parse(said.toString()) as OwnEngine
      const folder = dirname(host.slice('unix://'.length))
      expect([existsSync(folder), existsSync(`/proc/${pid}`)]).toEqual([true, true])
      owner.kill('SIGKILL')
      const left = () => [existsSync(folder), existsSync(`/proc/${pid}`)]
      await until('its folder and its process are gone', left, { equals: [false, false], withinMs: 60_000 })
    })
  },
)
