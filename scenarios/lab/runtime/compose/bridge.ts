import { readFile } from 'node:fs/promises'
import { BlockList } from 'node:net'
import { z } from 'zod'
import { LabError } from '../../errors.ts'
import { docker } from './docker.ts'

const Network = z.object({
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().default(''), Gateway: z.string().default('') })).nullable() }),
})

/** The engine's own bridge: every container reaches this machine by its address, on whichever network it stands, and the way there is no further than this
 *  machine. It is there before any lab, unlike a lab's own networks, so that a worker can be told of it when it starts.
 *  Throws NOT_ON_COMPOSE where that bridge is not on this machine, as with a rootless engine, whose networks stand in a namespace of their own. */
export async function bridgeAddress(): Promise<string> {
  const said = await docker(['network', 'inspect', '--format', '{{json .}}', 'bridge']).catch((error: unknown) => {
    // An engine that was started with --bridge=none has no such network.
    if (error instanceof LabError && /not found|no such network/i.test(error.message)) return '{"IPAM":{"Config":[]}}'
    throw error
  })
  const address = ownAddressIn(said, await readFile('/proc/net/fib_trie', 'utf8'))
  if (address !== undefined) return address
  throw new LabError(
    'NOT_ON_COMPOSE',
    `expected this machine to have an IPv4 address in Docker's network "bridge", got none: ${said.trim()}\nWith local processes: --runtime native`,
  )
}

/** The address that this machine has in a network. The engine names it only after its second start, so the machine's own addresses decide.
 *  @param network as `docker network inspect` describes it @param fibTrie /proc/net/fib_trie: Node lists no address of a bridge without containers */
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
