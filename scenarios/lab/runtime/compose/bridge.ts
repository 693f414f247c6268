import { createServer } from 'node:net'
import { LabError } from '../../errors.ts'
import { docker } from './docker.ts'

/** The engine's own bridge: every container reaches this machine by its gateway, on whichever network it stands, and the way there is no further than this
 *  machine. It is there before any lab, unlike a lab's own networks, so that a worker can be told of it when it starts.
 *  Throws NOT_ON_COMPOSE where that bridge is not on this machine, as with Docker Desktop, whose engine runs in a machine of its own. */
export async function bridgeAddress(): Promise<string> {
  const format = '{{range .IPAM.Config}}{{println .Gateway}}{{end}}'
  const gateways = (await docker(['network', 'inspect', '--format', format, 'bridge'])).split('\n').map(line => line.trim())
  for (const gateway of gateways) if (/^[\d.]+$/.test(gateway) && (await isOurs(gateway))) return gateway
  throw new LabError(
    'NOT_ON_COMPOSE',
    `expected the gateway of Docker's network "bridge" to be an address of this machine, got ${gateways.join(' ').trim() || 'none'}.\nWith local processes: --runtime native`,
  )
}

/** Node lists no address of a bridge that has no container yet: what can be listened on is ours. */
function isOurs(address: string): Promise<boolean> {
  const probe = createServer()
  return new Promise(resolve => {
    probe.once('error', () => resolve(false))
    probe.listen(0, address, () => probe.close(() => resolve(true)))
  })
}
