import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { ServerLoad } from './server-load.ts'

/** Tells its port, and computes for so long per request. */
const BUSY_MS = 60
const SERVER = `const { createServer } = require('node:http')
createServer((_, response) => {
  const start = process.cpuUsage()
  while (process.cpuUsage(start).user < ${BUSY_MS}_000);
  response.end()
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`

/** Linux tells who listens; elsewhere nothing is known. */
test.runIf(process.platform === 'linux')('the CPU time of the process that listens, as it grows, and after its end', async () => {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [text] = (await once(child.stdout, 'data')) as [Buffer]
    const url = `http://127.0.0.1:${text.toString().trim()}`
    const load = await ServerLoad.of(url)
    expect(load.known).toBe(true)
    const before = await load.readMs()
    await (await fetch(url)).text()
    const after = await load.readMs()
    // Counted in ticks of ten milliseconds.
    expect(after - before).toBeGreaterThanOrEqual(BUSY_MS - 20)
    child.kill()
    await once(child, 'close')
    expect(await load.readMs()).toBe(after)
  } finally {
    child.kill()
  }
})

test('a remote server, a port without a listener and this process are unknown', async () => {
  const own = createServer().listen(0, '127.0.0.1')
  await once(own, 'listening')
  for (const url of ['http://192.0.2.1:11434', 'http://127.0.0.1:1', `http://127.0.0.1:${(own.address() as AddressInfo).port}`]) {
    const load = await ServerLoad.of(url)
    expect([load.known, await load.readMs()]).toEqual([false, 0])
  }
  own.close()
})
