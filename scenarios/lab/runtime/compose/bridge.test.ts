import { expect, test } from 'vitest'
import { ownAddressIn } from './bridge.ts'

/** As the kernel prints them; a bridge without containers is among them. */
const fibTrie = (...addresses: string[]) =>
  [
    'Main:\n  +-- 0.0.0.0/0 3 0 4\n     |-- 172.17.0.0\n        /16 link UNICAST',
    'Local:\n     |-- 127.0.0.0\n        /8 host LOCAL\n           |-- 127.0.0.1\n              /32 host LOCAL',
    ...addresses.map(
      address => `        |-- ${address}\n           /32 host LOCAL\n        |-- 172.17.255.255\n           /32 link BROADCAST`,
    ),
  ].join('\n')
const network = (...Config: { Subnet?: string; Gateway?: string }[]) =>
  JSON.stringify({ Name: 'bridge', IPAM: { Driver: 'default', Config } })

const HERE = fibTrie('192.0.2.2', '172.17.0.1')

test.each([
  ['first start of an engine: no gateway', network({ Subnet: '172.17.0.0/16' }), HERE, '172.17.0.1'],
  ['second start', network({ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }), HERE, '172.17.0.1'],
  ['bip of its own, not the first of its subnet', network({ Subnet: '10.9.8.0/24' }), fibTrie('192.0.2.2', '10.9.8.77'), '10.9.8.77'],
  [
    'two addresses in the subnet: the gateway of the two',
    network({ Subnet: '10.0.0.0/8', Gateway: '10.9.0.1' }),
    fibTrie('10.1.0.5', '10.9.0.1'),
    '10.9.0.1',
  ],
  ['default-address-pools', network({ Subnet: '192.168.64.0/20' }), fibTrie('192.0.2.2', '192.168.64.1'), '192.168.64.1'],
  ['IPv6 beside it', network({ Subnet: 'fd00:9::/64', Gateway: 'fd00:9::1' }, { Subnet: '172.17.0.0/16' }), HERE, '172.17.0.1'],
  ['IPv6 alone', network({ Subnet: 'fd00:9::/64', Gateway: 'fd00:9::1' }), HERE, undefined],
  [
    'rootless, or a machine of its own: the gateway is elsewhere',
    network({ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }),
    fibTrie('192.0.2.2'),
    undefined,
  ],
  ['no address management', JSON.stringify({ IPAM: { Config: null } }), HERE, undefined],
  ['no bridge', network(), HERE, undefined],
])('%s', (_, inspected, addresses, expected) => expect(ownAddressIn(inspected, addresses)).toBe(expected))
