import { BlockList } from 'node:net'
import { z } from 'zod'
import { LabError } from '../../errors.ts'
import { procText } from '../proc.mjs'
import { docker } from './docker.ts'

const Network = z.object({
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().default(''), Gateway: z.string().default('') })).nullable() }),
})

/** The engine's bridge: any container reaches this machine by it, no other machine does, and it is
 *  there before any lab. Throws NOT_ON_COMPOSE if it is elsewhere (rootless). */
export async function bridgeAddress(): Promise<string> {
  const said = await docker(['network', 'inspect', '--format', '{{json .}}', 'bridge']).catch((error: unknown) => {
    // An engine that was started with --bridge=none has no such network.
    if (error instanceof LabError && /not found|no such network/i.test(error.message)) return '{"IPAM":{"Config":[]}}'
    throw error
  })
  const address = ownAddressIn(said, procText('net/fib_trie'))
  if (address !== undefined) return address
  throw new LabError(
    'NOT_ON_COMPOSE',
    `expected this machine to have an IPv4 address in Docker's network "bridge", got none: ${said.trim()}\nWith local processes: --runtime native`,
  )
}

/** This machine's address in a network; the engine names it only later. @param network from `docker
 *  network inspect` @param fibTrie /proc/net/fib_trie: Node lists no bridge without containers */
export function ownAddressIn(network: string, fibTrie: string): string | undefined {
  const configs = (Network.parse(JSON.parse(network)).IPAM.Config ?? []).filter(({ Subnet }) => /^[\d.]+\/\d+$/.test(Subnet))
  const own = [...new Set([...fibTrie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address))]
  const subnets = new BlockList()
  for (const { Subnet } of configs) {
    const [base = '', bits] = Subnet.split('/')
    subnets.addSubnet(base, Number(bits))
  }
  const gateways = configs.map(({ Gateway }) => Gateway)
  return own.find(address => gateways.includes(address)) ?? own.find(address => subnets.check(address))
}
