import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import { until } from '#lab'
import { ROOT, run } from '../lab/command.ts'
import { testHome } from '../lab/test-home.ts'

test('npm run demo -- --real, Ctrl-C in mid-hour: exit 130, nothing is left', async () => {
  const home = await testHome('demo-interrupted')
  onTestFinished(() => home.remove())
  const words = [process.execPath, join(ROOT, 'scripts', 'demo.ts'), '--real', '--minutes', '6', '--seconds', '6', '--no-install']
  const command = run([], { PREFETCH_LAB_HOME: home.labs }, words)
  await until('the hour is measured', command.text, { is: text => /prefetch 250 +\d+ messages ready/.test(text), withinMs: 150_000 })
  process.kill(-(command.child.pid ?? 0), 'SIGINT')
  expect((await command.ended).exitCode, command.text()).toBe(EXIT.interrupted)
  expect(command.text()).toMatch(/INTERRUPTED: the hour was interrupted; its lab is removed/)
  await home.nothingLeft()
})
