import { expect, test } from 'vitest'
import { aptNetworkOptions, debLines } from './sources.ts'

test('the mirrors of one suite, from both notations, once each', () => {
  const oneLine = `# deb http://old.example/debian bookworm main
deb [signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main contrib
deb http://mirror.example/debian trixie main
deb http://vendor.example/apt bookworm stable
deb-src http://mirror.example/debian bookworm main`
  const stanzas = `Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Enabled: no
Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main`
  expect(debLines([oneLine, stanzas], 'bookworm')).toEqual([
    'deb http://mirror.example/debian bookworm main',
    'deb http://mirror.example/debian bookworm-updates main',
  ])
})

test("apt's way out, and nothing else of its settings", () => {
  const dump = `APT::Architecture "amd64";
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https "";
Acquire::https::CAInfo "/etc/ssl/ca.pem";
Acquire::IndexTargets::deb::Packages "";
Acquire::Retries "3";`
  expect(aptNetworkOptions(dump)).toEqual([
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::CAInfo "/etc/ssl/ca.pem";',
    'Acquire::Retries "3";',
  ])
})
