import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'

const gpu = (...args: string[]) =>
  spawn(process.execPath, [`${import.meta.dirname}/gpu.ts`, ...args], {
    env: { ...process.env, COLUMNS: '80', NO_COLOR: '1' },
    stdio: 'pipe',
  })

async function refused(...args: string[]): Promise<[code: unknown, said: string]> {
  const child = gpu(...args)
  const said = text(child.stderr)
  const [code] = await once(child, 'exit')
  return [code, await said]
}

async function started(...args: string[]) {
  const child = gpu(...args, '--port', '0', '--json')
  const [first] = (await once(child.stdout, 'data')) as [Buffer]
  const said = text(child.stderr)
  return {
    ready: JSON.parse(String(first)) as { openAiUrl: string; models: string[]; profile: { name: string; slots: number } },
    async end(signal: NodeJS.Signals) {
      child.kill(signal)
      const [code] = await once(child, 'exit')
      return { code: code as unknown, cost: JSON.parse(await said) as { inferences: number; tokens: number; cpuUs: number } }
    },
  }
}

test('it answers at once, with the card and the switches that were asked for, and says at its end what it did', async () => {
  const { ready, end } = await started(
    '--profile',
    'synthetic-fast',
    '--slots',
    '2',
    '--time-scale',
    '10',
    '--fault',
    'busy',
    '--fault',
    'times=1',
  )
  expect(ready.profile).toMatchObject({ name: 'synthetic-fast', slots: 2 })
  const client = new OpenAI({ baseURL: ready.openAiUrl, apiKey: 'none', maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'Why? [[answer-tokens: 20]]' }]
  const ask = () => client.chat.completions.create({ model: 'llama3.1:8b', messages })
  await expect(ask()).rejects.toThrow(/busy/)
  expect((await ask()).usage?.completion_tokens).toBe(20)
  const { code, cost } = await end('SIGINT')
  expect([code, cost.inferences, cost.tokens]).toEqual([EXIT.interrupted, 2, 20])
  expect(cost.cpuUs).toBeGreaterThan(0)
})

test('SIGTERM is a usual end', async () => {
  const { end } = await started()
  expect((await end('SIGTERM')).code).toBe(EXIT.ok)
})

test.each([
  [['--profile', 'gtx-9000'], EXIT.usage, /^UNKNOWN_GPU_PROFILE: .*\nAll of them: npm run gpus\n$/],
  [['--profile', 'rtx4090'], EXIT.usage, /"rtx4090"\. Did you mean rtx-4090,.*\nAll of them: npm run gpus\n$/],
  [['--profile', 'nowhere.json'], EXIT.usage, /^BAD_GPU_PROFILE: cannot read nowhere\.json: there is no such file/],
  [['--fault', 'nonsense=1'], EXIT.usage, /nonsense.*Failures: out-of-memory.*Switches: failure/s],
  [['--fault', 'times=soon'], EXIT.usage, /times/],
  [['--port', '65536'], EXIT.usage, /from 0 to 65535/],
  [['--model', ''], EXIT.usage, /--model/],
  [['--host', 'no-such-host.invalid'], EXIT.environment, /PORT_TAKEN|npm run gpu -- --port 0/],
])('%j is refused', async (args, code, said) => {
  expect(await refused(...args)).toEqual([code, expect.stringMatching(said)])
})
